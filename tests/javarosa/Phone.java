import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A phone: SERVER_URL FORM_ID FOLDER [SCRIPT…] downloads the form into the folder, fills and sends
 * one slip for each script, and prints as JSON what it met. What Collect would refuse ends it.
 */
public class Phone {
    private static final String DEVICE_ID = "collect:Javarosa00000001";

    public static void main(String[] args) throws Exception {
        try {
            Map<String, Object> report = run(args[0], args[1], Path.of(args[2]), scripts(args));
            new ObjectMapper().writeValue(System.out, report);
        } catch (Refused refusal) {
            System.err.println(refusal.getMessage());
            System.exit(1);
        }
    }

    private static List<Path> scripts(String[] args) {
        return Arrays.stream(args).skip(3).map(Path::of).toList();
    }

    private static Map<String, Object> run(
            String serverUrl, String formId, Path folder, List<Path> scripts) throws Exception {
        Web web = new Web(DEVICE_ID);
        Download download = Download.fetch(web, serverUrl, formId, folder);
        List<String> media = names(download.media());
        BlankForm form = new BlankForm(download, DEVICE_ID);
        form.open();
        List<Object> slips = new ArrayList<>();
        for (Path script : scripts) {
            Path own = Files.createDirectories(folder.resolve("instance-" + slips.size()));
            Filling filling = new Filling(form.open(), Script.read(script), own);
            filling.walk();
            Path instance = own.resolve(fileName(download.name()));
            Files.write(instance, filling.finish());
            form.rememberLastSaved(instance);
            List<Sending.Answer> answers = new Sending(web, serverUrl).send(instance);
            slips.add(slip(instance, filling, answers));
        }
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("version", download.version());
        report.put("media", media);
        report.put("slips", slips);
        return report;
    }

    private static Map<String, Object> slip(
            Path instance, Filling filling, List<Sending.Answer> answers) {
        List<Object> requests = new ArrayList<>();
        for (Sending.Answer answer : answers) {
            requests.add(
                    Map.of(
                            "status", answer.status(),
                            "message", answer.message(),
                            "files", answer.files()));
        }
        return Map.of(
                "xml", instance.toString(), "choices", filling.choices, "requests", requests);
    }

    private static String fileName(String formName) {
        String moment =
                LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyy-MM-dd_HH-mm-ss"));
        return formName.replaceAll("[^\\p{L}\\p{Digit}]+", " ").trim() + "_" + moment + ".xml";
    }

    private static List<String> names(Path folder) throws Exception {
        try (Stream<Path> found = Files.list(folder)) {
            return found.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
