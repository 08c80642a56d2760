import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryModel;

/** A downloaded form opened by JavaRosa as Collect opens it. */
class BlankForm {
    private final Download download;
    private final EntityLists lists;
    private final Media media;

    BlankForm(Download download, EntityLists lists, String deviceId) {
        this.download = download;
        this.lists = lists;
        this.media = new Media(download.media());
        Engine.start(media, deviceId);
    }

    /** A new instance: parsed anew, preloads and defaults set, nothing answered. */
    FormEntryController open() throws Exception {
        lists.writeInto(download.media(), download.lists());
        FormDef def = Engine.parse(download.form(), media);
        FormEntryController controller = new FormEntryController(new FormEntryModel(def));
        controller.addFunctionHandler(new PullData(download.media()));
        def.initialize(true, new InstanceInitializationFactory());
        return controller;
    }

    /** What the next instance reads of this one: `${last-saved#…}`, and entities. */
    void remember(Path instance) throws Exception {
        Path lastSaved = download.media().resolve(Engine.LAST_SAVED);
        Files.copy(instance, lastSaved, StandardCopyOption.REPLACE_EXISTING);
        lists.apply(EntityChange.read(download.form(), Files.readAllBytes(instance)));
    }
}
