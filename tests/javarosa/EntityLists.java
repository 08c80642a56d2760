import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.w3c.dom.Element;

/** The entity lists of a phone. All its forms share them, and they outlive the program's runs. */
record EntityLists(Path folder) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> TYPES = Set.of("entityList", "approvalEntityList");

    static boolean isOne(Element file) {
        return TYPES.contains(file.getAttribute("type"));
    }

    /** Import the list of a manifest's entry if its hash is another one; returns its name. */
    String sync(Web web, Element file) throws Exception {
        String name = name(Web.text(file, "filename"));
        String hash = Web.text(file, "hash");
        if (!hash.matches("md5:[0-9a-f]+")) {
            throw new Refused(name + ": listed as " + hash);
        }
        EntityList list = load(name);
        list.needsApproval = file.getAttribute("type").equals("approvalEntityList");
        if (!hash.equals(list.hash)) {
            list.read(web.get(Web.text(file, "downloadUrl")));
            list.hash = hash;
        }
        askIntegrity(web, Web.text(file, "integrityUrl"), list);
        save(name, list);
        return name;
    }

    /** Whatever staff deleted leaves the phone, also if no list ever had it (§9.6). */
    private static void askIntegrity(Web web, String url, EntityList list) throws Exception {
        if (url.isEmpty() || list.unseen().isEmpty()) {
            return;
        }
        String ids = URLEncoder.encode(String.join(",", list.unseen()), StandardCharsets.UTF_8);
        Element answer = web.getDocument(url + "?id=" + ids, "data", null);
        for (Element entity : Web.entries(answer, "entity", "deleted")) {
            String deleted = Web.text(entity, "deleted");
            if (!Set.of("true", "false").contains(deleted) || !entity.hasAttribute("id")) {
                throw new Refused(url + ": not an answer about integrity");
            }
            if (deleted.equals("true")) {
                list.entities.remove(entity.getAttribute("id"));
            }
        }
    }

    /** Put the lists, as they are now, where a form's own files are. */
    void writeInto(Path media, List<String> names) throws IOException {
        for (String name : names) {
            EntityList list = load(name);
            String[] columns = list.columns().toArray(String[]::new);
            try (CSVPrinter csv =
                    new CSVPrinter(
                            Files.newBufferedWriter(media.resolve(name + ".csv")),
                            CSVFormat.DEFAULT.withHeader(columns))) {
                for (Map<String, String> row : list.rows()) {
                    csv.printRecord(row.values());
                }
            }
        }
    }

    /** A change of a list that the phone has not is the server's matter alone. */
    void apply(List<EntityChange> changes) throws IOException {
        for (EntityChange change : changes) {
            if (Files.exists(file(change.list()))) {
                EntityList list = load(change.list());
                list.apply(change);
                save(change.list(), list);
            }
        }
    }

    Map<String, Object> rows(List<String> names) throws IOException {
        Map<String, Object> found = new LinkedHashMap<>();
        for (String name : names) {
            found.put(name, load(name).rows());
        }
        return found;
    }

    private static String name(String filename) {
        String last = Path.of(filename).getFileName().toString();
        int end = last.indexOf(".csv");
        if (end < 0) {
            throw new Refused(last + ": the name of an entity list ends in .csv");
        }
        return last.substring(0, end);
    }

    private EntityList load(String name) throws IOException {
        Path file = file(name);
        return Files.exists(file)
                ? JSON.readValue(file.toFile(), EntityList.class)
                : new EntityList();
    }

    private void save(String name, EntityList list) throws IOException {
        Files.createDirectories(folder);
        JSON.writeValue(file(name).toFile(), list);
    }

    private Path file(String name) {
        return folder.resolve(name + ".json");
    }
}
