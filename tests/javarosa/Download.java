import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import org.w3c.dom.Element;

/** A blank form on the phone: the form's file, and its media in a flat folder (§4–6). */
record Download(String formId, String version, String name, Path form, Path media) {
    private static final String NAMESPACE = "http://openrosa.org/xforms/";

    /** Fetch by form list and manifest. A hash that is not the content's stops it. */
    static Download fetch(Web web, String serverUrl, String formId, Path folder) throws Exception {
        Element list = web.getDocument(serverUrl + "/formList", "xforms", NAMESPACE + "xformsList");
        List<Element> forms = Web.entries(list, "xform", "formID", "name", "downloadUrl", "hash");
        Element entry =
                forms.stream()
                        .filter(form -> Web.text(form, "formID").equals(formId))
                        .findFirst()
                        .orElseThrow(() -> new Refused("the form list has no " + formId));
        Path media = Files.createDirectories(folder.resolve("form-media"));
        Path form = folder.resolve("form.xml");
        keep(web, entry, form);
        String manifestUrl = Web.text(entry, "manifestUrl");
        if (!manifestUrl.isEmpty()) {
            fetchMedia(web, manifestUrl, media);
        }
        String version = Web.text(entry, "version");
        return new Download(formId, version, Web.text(entry, "name"), form, media);
    }

    private static void fetchMedia(Web web, String manifestUrl, Path media) throws Exception {
        Element list = web.getDocument(manifestUrl, "manifest", NAMESPACE + "xformsManifest");
        for (Element file : Web.entries(list, "mediaFile", "filename", "hash", "downloadUrl")) {
            // Collect keeps only the last segment of a name.
            Path name = Path.of(Web.text(file, "filename")).getFileName();
            keep(web, file, media.resolve(name));
        }
    }

    private static void keep(Web web, Element entry, Path path) throws Exception {
        byte[] content = web.get(Web.text(entry, "downloadUrl"));
        MessageDigest md5 = MessageDigest.getInstance("MD5");
        String hash = "md5:" + "%032x".formatted(new BigInteger(1, md5.digest(content)));
        if (!hash.equals(Web.text(entry, "hash"))) {
            String listed = Web.text(entry, "hash");
            throw new Refused(path.getFileName() + ": listed as " + listed + ", is " + hash);
        }
        Files.write(path, content);
    }
}
