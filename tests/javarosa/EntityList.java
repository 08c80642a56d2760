import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** One list on the phone: what comes from the server, and what was done here since (§9.4). */
class EntityList {
    /** `trunk` is the server's version that was read: none where it was made here and not seen. */
    record Entity(
            String label,
            int version,
            Integer trunk,
            String branch,
            boolean seen,
            Map<String, String> properties) {

        private boolean isChanged() {
            return trunk == null || version != trunk;
        }

        private Entity kept(List<String> columns) {
            Map<String, String> left = new TreeMap<>(properties);
            left.keySet().retainAll(columns);
            return new Entity(label, version, trunk, branch, true, left);
        }
    }

    private static final Set<String> REQUIRED = Set.of("name", "label", "__version");

    public String hash = "";
    public boolean needsApproval;
    public List<String> properties = new ArrayList<>();
    public Map<String, Entity> entities = new LinkedHashMap<>();

    /** Take over the server's list: whoever counted further has the newer state. */
    void read(byte[] csv) throws IOException {
        Map<String, Entity> listed = parse(csv);
        entities.entrySet().removeIf(e -> e.getValue().seen() && !listed.containsKey(e.getKey()));
        listed.forEach((id, there) -> entities.merge(id, there, this::newer));
    }

    private Entity newer(Entity here, Entity there) {
        boolean isAhead = here.version() > there.version();
        boolean isSame = here.version() == there.version() && !here.isChanged();
        return isAhead || isSame ? here.kept(properties) : there;
    }

    /** Finalization of a slip: each change is one version more, also where nothing differs. */
    void apply(EntityChange change) {
        Entity here = entities.get(change.id());
        if (change.updates() && here != null) {
            entities.put(change.id(), updated(here, change));
        } else if (change.creates() && isFit(change)) {
            String branch = UUID.randomUUID().toString();
            Map<String, String> own = change.properties();
            entities.put(change.id(), new Entity(change.label(), 1, null, branch, false, own));
        } else {
            return;
        }
        change.properties().keySet().stream()
                .filter(name -> !properties.contains(name))
                .forEach(properties::add);
    }

    private boolean isFit(EntityChange change) {
        return !needsApproval && !change.label().isBlank() && change.hasFitId();
    }

    private static Entity updated(Entity here, EntityChange change) {
        String label = change.label().isBlank() ? here.label() : change.label();
        Map<String, String> own = new TreeMap<>(here.properties());
        own.putAll(change.properties());
        return new Entity(label, here.version() + 1, here.trunk(), here.branch(), here.seen(), own);
    }

    /** Those made here that no list of the server's has had yet: their integrity is asked for. */
    List<String> unseen() {
        return entities.keySet().stream().filter(id -> !entities.get(id).seen()).toList();
    }

    List<String> columns() {
        List<String> columns = new ArrayList<>(List.of("name", "label", "__version"));
        columns.addAll(List.of("__trunkVersion", "__branchId"));
        columns.addAll(properties);
        return columns;
    }

    /** What forms read of it: every row has every column. */
    List<Map<String, String>> rows() {
        List<Map<String, String>> rows = new ArrayList<>();
        entities.forEach(
                (id, entity) -> {
                    Map<String, String> row = new LinkedHashMap<>();
                    columns().forEach(name -> row.put(name, ""));
                    row.putAll(entity.properties());
                    row.put("name", id);
                    row.put("label", entity.label());
                    row.put("__version", String.valueOf(entity.version()));
                    row.put("__trunkVersion", entity.trunk() == null ? "" : "" + entity.trunk());
                    row.put("__branchId", entity.branch());
                    rows.add(row);
                });
        return rows;
    }

    /** Any other column that begins with `__` is ignored. */
    private Map<String, Entity> parse(byte[] csv) throws IOException {
        InputStreamReader text =
                new InputStreamReader(new ByteArrayInputStream(csv), StandardCharsets.UTF_8);
        Map<String, Entity> listed = new LinkedHashMap<>();
        try (CSVParser rows = CSVFormat.DEFAULT.withFirstRecordAsHeader().parse(text)) {
            Set<String> header = rows.getHeaderMap().keySet();
            if (!header.containsAll(REQUIRED)) {
                throw new Refused("not an entity list: " + header);
            }
            properties =
                    new ArrayList<>(
                            header.stream()
                                    .filter(name -> !REQUIRED.contains(name))
                                    .filter(name -> !name.startsWith("__"))
                                    .toList());
            for (CSVRecord row : rows) {
                if (listed.put(row.get("name"), entity(row)) != null) {
                    throw new Refused(row.get("name") + " stands twice in a list");
                }
            }
        }
        return listed;
    }

    private Entity entity(CSVRecord row) {
        int version = Integer.parseInt(row.get("__version"));
        Map<String, String> own = new TreeMap<>();
        properties.forEach(name -> own.put(name, row.get(name)));
        String branch = UUID.randomUUID().toString();
        return new Entity(row.get("label"), version, version, branch, true, own);
    }
}
