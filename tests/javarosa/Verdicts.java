import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * A judge: reads cases from standard input, one JSON object a line, and answers each with one line.
 *
 * <p>{"form": PATH, "instance": XML, "mode": "submitted"|"recalculated"} is answered with what
 * JavaRosa thinks of every node; see Judging. {"expression": XPATH, "nodes": [[NAME, TYPE,
 * TEXT]…], "at": NAME, "zone": …, "locale": …} is answered with the value; see Expressions. Lists
 * stand beside the form.
 */
public class Verdicts {
    private static final String DEVICE_ID = "collect:Javarosa00000001";
    private final Map<String, Judging> forms = new HashMap<>();

    public static void main(String[] args) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        BufferedReader cases =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        ObjectMapper json = new ObjectMapper();
        Verdicts judge = new Verdicts();
        for (String line = cases.readLine(); line != null; line = cases.readLine()) {
            answers.println(json.writeValueAsString(judge.answer(json.readTree(line))));
        }
    }

    private Object answer(JsonNode asked) {
        try {
            if (asked.has("expression")) {
                return Expressions.evaluate(asked);
            }
            Judging form = form(asked.get("form").asText());
            boolean recalculated = asked.path("mode").asText().equals("recalculated");
            return form.judge(asked.get("instance").asText(), recalculated);
        } catch (Exception | LinkageError | StackOverflowError error) {
            return Map.of("error", error.getClass().getSimpleName() + ": " + error.getMessage());
        }
    }

    private Judging form(String path) throws Exception {
        Judging form = forms.get(path);
        if (form == null) {
            Path xform = Path.of(path);
            Media media = new Media(xform.getParent());
            Engine.start(media, DEVICE_ID);
            form = new Judging(Engine.parse(xform, media), media.folder());
            forms.put(path, form);
        }
        return form;
    }
}
