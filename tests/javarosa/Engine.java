import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.javarosa.core.model.CoreModelModule;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.reference.ReferenceManager;
import org.javarosa.core.services.IPropertyManager;
import org.javarosa.core.services.PropertyManager;
import org.javarosa.core.services.PrototypeManager;
import org.javarosa.core.services.properties.IPropertyRules;
import org.javarosa.core.util.JavaRosaCoreModule;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.util.XFormUtils;

/** JavaRosa made ready as Collect makes it ready, for one form at a time. */
class Engine {
    static final String LAST_SAVED = "last-saved.xml";

    private Engine() {}

    static void start(Media media, String deviceId) {
        PrototypeManager.registerPrototypes(JavaRosaCoreModule.classNames);
        PrototypeManager.registerPrototypes(CoreModelModule.classNames);
        new XFormsModule().registerModule();
        PropertyManager.setPropertyManager(
                new Properties(Map.of("deviceid", deviceId, "username", "bob")));
        ReferenceManager.instance().reset();
        ReferenceManager.instance().addReferenceFactory(media);
    }

    /** The form with its lists; where a list is not in the media folder, it is refused. */
    static FormDef parse(Path form, Media media) throws Exception {
        writeStub(media.folder().resolve(LAST_SAVED));
        FormDef def = XFormUtils.getFormFromFormXml(form.toString(), "jr://file/" + LAST_SAVED);
        if (!media.missing().isEmpty()) {
            throw new Refused("not downloaded: " + String.join(", ", media.missing()));
        }
        return def;
    }

    private static void writeStub(Path lastSaved) throws IOException {
        if (!Files.exists(lastSaved)) {
            Files.writeString(lastSaved, "<?xml version='1.0' ?><stub />");
        }
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
