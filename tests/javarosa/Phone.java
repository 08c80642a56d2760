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
 * A phone, whose folder keeps forms, lists and slips from one run to the next. It prints as JSON
 * what it met; what Collect would refuse ends it.
 *
 * <ul>
 *   <li>`sync FOLDER SERVER_URL FORM_ID` downloads the form and its lists;
 *   <li>`fill FOLDER FORM_ID SCRIPT…` fills one slip for each script, and knows no server;
 *   <li>`send FOLDER SERVER_URL SLIP…` sends slips in the order given;
 *   <li>`visit FOLDER SERVER_URL FORM_ID SCRIPT…` does it all, each slip sent before the next.
 * </ul>
 */
public class Phone {
    private static final String DEVICE_ID = "collect:Javarosa00000001";

    private final Path folder;
    private final EntityLists lists;
    private final Web web = new Web(DEVICE_ID);

    private Phone(Path folder) {
        this.folder = folder;
        this.lists = new EntityLists(folder.resolve("lists"));
    }

    public static void main(String[] args) throws Exception {
        try {
            Map<String, Object> report = new Phone(Path.of(args[1])).run(args);
            new ObjectMapper().writeValue(System.out, report);
        } catch (Refused refusal) {
            System.err.println(refusal.getMessage());
            System.exit(1);
        }
    }

    private Map<String, Object> run(String[] args) throws Exception {
        return switch (args[0]) {
            case "sync" -> sync(args[2], args[3]);
            case "fill" -> fill(args[2], paths(args, 3), null);
            case "send" -> send(args[2], paths(args, 3));
            case "visit" -> visit(args[2], args[3], paths(args, 4));
            default -> throw new Refused("no such command: " + args[0]);
        };
    }

    private static List<Path> paths(String[] args, int from) {
        return Arrays.stream(args).skip(from).map(Path::of).toList();
    }

    private Map<String, Object> visit(String serverUrl, String formId, List<Path> scripts)
            throws Exception {
        Map<String, Object> report = sync(serverUrl, formId);
        report.putAll(fill(formId, scripts, new Sending(web, serverUrl)));
        return report;
    }

    private Map<String, Object> sync(String serverUrl, String formId) throws Exception {
        Path own = folder.resolve(formId);
        Download download = Download.fetch(web, serverUrl, formId, own, lists);
        lists.writeInto(download.media(), download.lists());
        List<String> media = names(download.media());
        new BlankForm(download, lists, DEVICE_ID).open();
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("version", download.version());
        report.put("media", media);
        report.put("lists", lists.rows(download.lists()));
        return report;
    }

    /** Without a way to send them, the slips wait in the folder. */
    private Map<String, Object> fill(String formId, List<Path> scripts, Sending sending)
            throws Exception {
        Download download = Download.open(folder.resolve(formId));
        BlankForm form = new BlankForm(download, lists, DEVICE_ID);
        List<Object> slips = new ArrayList<>();
        for (Path script : scripts) {
            Path own = newFolder();
            Filling filling = new Filling(form.open(), Script.read(script), own);
            filling.walk();
            Path slip = own.resolve(fileName(download.name()));
            Files.write(slip, filling.finish());
            form.remember(slip);
            Map<String, Object> filled = new LinkedHashMap<>();
            filled.put("xml", slip.toString());
            filled.put("choices", filling.choices);
            filled.put("requests", sending == null ? List.of() : answers(sending.send(slip)));
            slips.add(filled);
        }
        return new LinkedHashMap<>(
                Map.of("slips", slips, "lists", lists.rows(download.lists())));
    }

    private Map<String, Object> send(String serverUrl, List<Path> slips) throws Exception {
        Sending sending = new Sending(web, serverUrl);
        List<Object> requests = new ArrayList<>();
        for (Path slip : slips) {
            requests.addAll(answers(sending.send(slip)));
        }
        return Map.of("requests", requests);
    }

    private static List<Object> answers(List<Sending.Answer> answers) {
        List<Object> requests = new ArrayList<>();
        for (Sending.Answer answer : answers) {
            requests.add(
                    Map.of(
                            "status", answer.status(),
                            "message", answer.message(),
                            "files", answer.files()));
        }
        return requests;
    }

    private Path newFolder() throws Exception {
        Path instances = Files.createDirectories(folder.resolve("instances"));
        return Files.createDirectory(instances.resolve(String.valueOf(names(instances).size())));
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
