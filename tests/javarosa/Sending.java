import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A finalized slip on its way: HEAD, then as many POSTs as the announced limit asks (§7). */
class Sending {
    /** What the server answered to one POST, and what that held. */
    record Answer(int status, String message, List<String> files) {}

    private static final Pattern MESSAGE = Pattern.compile("<message[^>]*>([^<]*)</message>");
    private final Web web;
    private final String url;

    Sending(Web web, String serverUrl) {
        this.web = web;
        this.url = serverUrl + "/submission";
    }

    List<Answer> send(Path instance) throws Exception {
        HttpResponse<byte[]> probe = web.head(url);
        if (probe.statusCode() != 204) {
            throw new Refused("HEAD answered " + probe.statusCode());
        }
        long limit =
                probe.headers()
                        .firstValueAsLong("X-OpenRosa-Accept-Content-Length")
                        .orElse(10_000_000);
        Deque<Path> waiting = new ArrayDeque<>(files(instance));
        List<Answer> answers = new ArrayList<>();
        do {
            List<Path> files = take(waiting, Files.size(instance), limit);
            Answer answer = post(instance, files, !waiting.isEmpty());
            answers.add(answer);
            if (answer.status() != 201 && answer.status() != 202) {
                throw new Refused("Error: " + answer.message() + " (" + answer.status() + ")");
            }
        } while (!waiting.isEmpty());
        return answers;
    }

    private static List<Path> files(Path instance) throws IOException {
        try (Stream<Path> found = Files.list(instance.getParent())) {
            return found.filter(file -> !file.equals(instance)).sorted().toList();
        }
    }

    /** The splitting rule of §7.4: at least one file, even one above the limit. */
    private static List<Path> take(Deque<Path> waiting, long bytes, long limit)
            throws IOException {
        List<Path> taken = new ArrayList<>();
        while (!waiting.isEmpty()) {
            Path file = waiting.remove();
            taken.add(file);
            bytes += Files.size(file);
            Path next = waiting.peek();
            if (next != null && (taken.size() > 100 || bytes + Files.size(next) > limit)) {
                break;
            }
        }
        return taken;
    }

    private Answer post(Path instance, List<Path> files, boolean isIncomplete) throws Exception {
        String boundary = UUID.randomUUID().toString();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        part(body, boundary, "xml_submission_file", instance, "text/xml");
        for (Path file : files) {
            part(body, boundary, file.getFileName().toString(), file, type(file));
        }
        if (isIncomplete) {
            write(body, "--" + boundary + "\r\nContent-Disposition: form-data; ");
            write(body, "name=\"*isIncomplete*\"\r\n\r\nyes\r\n");
        }
        write(body, "--" + boundary + "--\r\n");
        String contentType = "multipart/form-data; boundary=" + boundary;
        HttpResponse<byte[]> answer = web.post(url, contentType, body.toByteArray());
        String text = new String(answer.body(), StandardCharsets.UTF_8);
        Matcher message = MESSAGE.matcher(text);
        boolean isOurs = text.contains("OpenRosaResponse") && message.find();
        List<String> names = files.stream().map(file -> file.getFileName().toString()).toList();
        return new Answer(answer.statusCode(), isOurs ? message.group(1) : "", names);
    }

    private static void part(
            ByteArrayOutputStream body, String boundary, String name, Path file, String type)
            throws IOException {
        String filename = file.getFileName().toString().replace("\"", "%22");
        write(body, "--" + boundary + "\r\nContent-Disposition: form-data; ");
        write(body, "name=\"" + name.replace("\"", "%22") + "\"; filename=\"" + filename + "\"");
        write(body, "\r\nContent-Type: " + type + "\r\n\r\n");
        body.write(Files.readAllBytes(file));
        write(body, "\r\n");
    }

    private static String type(Path file) throws IOException {
        String type = Files.probeContentType(file);
        return type == null ? "application/octet-stream" : type;
    }

    private static void write(ByteArrayOutputStream body, String text) {
        body.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }
}
