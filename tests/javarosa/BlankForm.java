import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.javarosa.core.model.CoreModelModule;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.reference.ReferenceManager;
import org.javarosa.core.services.IPropertyManager;
import org.javarosa.core.services.PropertyManager;
import org.javarosa.core.services.PrototypeManager;
import org.javarosa.core.services.properties.IPropertyRules;
import org.javarosa.core.util.JavaRosaCoreModule;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryModel;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.util.XFormUtils;

/** A downloaded form opened by JavaRosa as Collect opens it. */
class BlankForm {
    private static final String LAST_SAVED = "last-saved.xml";
    private final Download download;
    private final Media media;

    BlankForm(Download download, String deviceId) {
        this.download = download;
        this.media = new Media(download.media());
        PrototypeManager.registerPrototypes(JavaRosaCoreModule.classNames);
        PrototypeManager.registerPrototypes(CoreModelModule.classNames);
        new XFormsModule().registerModule();
        PropertyManager.setPropertyManager(
                new Properties(Map.of("deviceid", deviceId, "username", "bob")));
        ReferenceManager.instance().reset();
        ReferenceManager.instance().addReferenceFactory(media);
    }

    /** A new instance: parsed anew, preloads and defaults set, nothing answered. */
    FormEntryController open() throws Exception {
        Path lastSaved = download.media().resolve(LAST_SAVED);
        if (!Files.exists(lastSaved)) {
            Files.writeString(lastSaved, "<?xml version='1.0' ?><stub />");
        }
        String form = download.form().toString();
        FormDef def = XFormUtils.getFormFromFormXml(form, "jr://file/" + LAST_SAVED);
        if (!media.missing().isEmpty()) {
            throw new Refused("not downloaded: " + String.join(", ", media.missing()));
        }
        FormEntryController controller = new FormEntryController(new FormEntryModel(def));
        controller.addFunctionHandler(new PullData(download.media()));
        def.initialize(true, new InstanceInitializationFactory());
        return controller;
    }

    /** What `${last-saved#…}` reads in the next instance. */
    void rememberLastSaved(Path instance) throws IOException {
        Path lastSaved = download.media().resolve(LAST_SAVED);
        Files.copy(instance, lastSaved, StandardCopyOption.REPLACE_EXISTING);
    }

    private record Properties(Map<String, String> values) implements IPropertyManager {
        @Override
        public List<String> getProperty(String name) {
            return List.of(getSingularProperty(name));
        }

        @Override
        public String getSingularProperty(String name) {
            return values.getOrDefault(name.toLowerCase(), "");
        }

        @Override
        public void setProperty(String name, String value) {}

        @Override
        public void setProperty(String name, List<String> value) {}

        @Override
        public void addRules(IPropertyRules rules) {}

        @Override
        public List<IPropertyRules> getRules() {
            return List.of();
        }
    }
}
