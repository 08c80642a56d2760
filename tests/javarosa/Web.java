import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Requests as Collect makes them, and how strictly it reads the answers (openrosa.md §2). */
class Web {
    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NORMAL)
                    .connectTimeout(Duration.ofSeconds(30))
                    .build();
    private final String deviceId;

    Web(String deviceId) {
        this.deviceId = deviceId;
    }

    byte[] get(String url) throws IOException, InterruptedException {
        return body(fetch(url));
    }

    /** A form list, a manifest, or integrity, as strictly as Collect reads it (§2.6). */
    Element getDocument(String url, String root, String namespace) throws Exception {
        HttpResponse<byte[]> answer = fetch(url);
        String type = answer.headers().firstValue("Content-Type").orElse("text/xml");
        if (!type.toLowerCase().contains("text/xml")) {
            throw new Refused(url + ": Content-Type is " + type);
        }
        if (answer.headers().firstValue("X-OpenRosa-Version").isEmpty()) {
            throw new Refused(url + ": X-OpenRosa-Version is missing");
        }
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        ByteArrayInputStream bytes = new ByteArrayInputStream(body(answer));
        Element found = factory.newDocumentBuilder().parse(bytes).getDocumentElement();
        if (!root.equals(found.getLocalName())
                || !Objects.equals(namespace, found.getNamespaceURI())) {
            throw new Refused(url + ": not " + root + " in " + namespace);
        }
        return found;
    }

    /** Entries of a document, each with all the children that Collect requires. */
    static List<Element> entries(Element root, String name, String... required) {
        List<Element> found = new ArrayList<>();
        NodeList nodes = root.getElementsByTagNameNS(root.getNamespaceURI(), name);
        for (int i = 0; i < nodes.getLength(); i++) {
            Element entry = (Element) nodes.item(i);
            for (String child : required) {
                if (text(entry, child).isEmpty()) {
                    throw new Refused(name + " without " + child);
                }
            }
            found.add(entry);
        }
        return found;
    }

    static String text(Element entry, String child) {
        NodeList nodes = entry.getElementsByTagNameNS(entry.getNamespaceURI(), child);
        return nodes.getLength() == 0 ? "" : nodes.item(0).getTextContent().trim();
    }

    HttpResponse<byte[]> head(String url) throws IOException, InterruptedException {
        return send(request(url).method("HEAD", HttpRequest.BodyPublishers.noBody()));
    }

    HttpResponse<byte[]> post(String url, String contentType, byte[] body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = request(url).header("Content-Type", contentType);
        return send(request.POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    }

    private HttpResponse<byte[]> fetch(String url) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = send(request(url).header("Accept-Encoding", "gzip").GET());
        if (answer.statusCode() != 200) {
            throw new Refused(url + ": the server returned status code " + answer.statusCode());
        }
        return answer;
    }

    /** Since v2026.3 every request has the device's id; `url` has none yet. */
    private HttpRequest.Builder request(String url) {
        String mark = url.contains("?") ? "&" : "?";
        String id = URLEncoder.encode(deviceId, StandardCharsets.UTF_8);
        return HttpRequest.newBuilder(URI.create(url + mark + "deviceID=" + id))
                .timeout(Duration.ofSeconds(60))
                .header("X-OpenRosa-Version", "1.0")
                .header("User-Agent", "org.odk.collect.android/v2026.3.3 Dalvik/2.1.0");
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static byte[] body(HttpResponse<byte[]> answer) throws IOException {
        boolean zipped =
                answer.headers().firstValue("Content-Encoding").orElse("").equals("gzip");
        if (!zipped) {
            return answer.body();
        }
        return new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes();
    }
}
