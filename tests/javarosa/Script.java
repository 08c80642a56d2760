import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * What the person with the phone does: `answers` by path, `refused` answers tried before them, and
 * how many `repeats`. Positions stand only on repeats, and a first one need not be written.
 */
record Script(
        Path folder,
        Map<String, String> answers,
        Map<String, String> refused,
        Map<String, String> repeats) {

    static Script read(Path path) throws Exception {
        JsonNode json = new ObjectMapper().readTree(path.toFile());
        return new Script(
                path.toAbsolutePath().getParent(),
                texts(json.path("answers")),
                texts(json.path("refused")),
                texts(json.path("repeats")));
    }

    static String plain(String path) {
        return path.replace("[1]", "");
    }

    /** A person answers every question of the script: one that never came is a fault. */
    void requireDone() {
        TreeSet<String> left = new TreeSet<>(answers.keySet());
        left.addAll(refused.keySet());
        if (!left.isEmpty()) {
            throw new Refused("never asked: " + String.join(", ", left));
        }
    }

    private static Map<String, String> texts(JsonNode json) {
        Map<String, String> found = new HashMap<>();
        json.fields().forEachRemaining(e -> found.put(plain(e.getKey()), e.getValue().asText()));
        return found;
    }
}
