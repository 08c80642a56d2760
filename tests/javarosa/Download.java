import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.w3c.dom.Element;

/** A blank form on the phone: the form's file, its media in a flat folder (§4–6), its lists. */
record Download(String version, String name, Path form, Path media, List<String> lists) {
    private static final String NAMESPACE = "http://openrosa.org/xforms/";
    private static final String FACTS = "download.json";

    /** Fetch by form list and manifest. A hash that is not the content's stops it. */
    static Download fetch(
            Web web, String serverUrl, String formId, Path folder, EntityLists lists)
            throws Exception {
        Element list = web.getDocument(serverUrl + "/formList", "xforms", NAMESPACE + "xformsList");
        List<Element> forms = Web.entries(list, "xform", "formID", "name", "downloadUrl", "hash");
        Element entry =
                forms.stream()
                        .filter(form -> Web.text(form, "formID").equals(formId))
                        .findFirst()
                        .orElseThrow(() -> new Refused("the form list has no " + formId));
        Files.createDirectories(media(folder));
        keep(web, entry, form(folder));
        String manifestUrl = Web.text(entry, "manifestUrl");
        List<String> names =
                manifestUrl.isEmpty()
                        ? List.of()
                        : fetchMedia(web, manifestUrl, media(folder), lists);
        Map<String, Object> facts =
                Map.of(
                        "version", Web.text(entry, "version"),
                        "name", Web.text(entry, "name"),
                        "lists", names);
        new ObjectMapper().writeValue(folder.resolve(FACTS).toFile(), facts);
        return open(folder);
    }

    /** A form that an earlier run fetched into the folder. */
    static Download open(Path folder) throws Exception {
        JsonNode facts = new ObjectMapper().readTree(folder.resolve(FACTS).toFile());
        List<String> names = new ArrayList<>();
        facts.get("lists").forEach(name -> names.add(name.asText()));
        return new Download(
                facts.get("version").asText(),
                facts.get("name").asText(),
                form(folder),
                media(folder),
                names);
    }

    /** Returns the names of the entity lists: they are shared, and not among the form's media. */
    private static List<String> fetchMedia(
            Web web, String manifestUrl, Path media, EntityLists lists) throws Exception {
        Element list = web.getDocument(manifestUrl, "manifest", NAMESPACE + "xformsManifest");
        List<String> names = new ArrayList<>();
        for (Element file : Web.entries(list, "mediaFile", "filename", "hash", "downloadUrl")) {
            if (EntityLists.isOne(file)) {
                names.add(lists.sync(web, file));
            } else {
                // Collect keeps only the last segment of a name.
                Path name = Path.of(Web.text(file, "filename")).getFileName();
                keep(web, file, media.resolve(name));
            }
        }
        return names;
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

    private static Path form(Path folder) {
        return folder.resolve("form.xml");
    }

    private static Path media(Path folder) {
        return folder.resolve("form-media");
    }
}
