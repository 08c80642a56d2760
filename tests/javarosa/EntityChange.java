import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** What one `meta/entity` of a filled instance asks for; only what is relevant is there (§9.1). */
record EntityChange(
        String list,
        String id,
        boolean creates,
        boolean updates,
        String label,
        Map<String, String> properties) {

    private static final String ENTITIES = "http://www.opendatakit.org/xforms/entities";
    private static final Pattern UUID_4 =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");

    /** In document order: of the root, of groups, of every instance of a repeat. */
    static List<EntityChange> read(Path form, byte[] instance) throws Exception {
        Element blank = parse(Files.readAllBytes(form));
        List<EntityChange> found = new ArrayList<>();
        if (worksOffline(blank)) {
            Element root = parse(instance);
            walk(root, "/" + root.getLocalName(), properties(blank), null, found);
        }
        return found;
    }

    boolean hasFitId() {
        return UUID_4.matcher(id).matches();
    }

    /** Before 2024.1, entities are the server's matter alone. */
    private static boolean worksOffline(Element form) {
        NodeList models = form.getElementsByTagNameNS("*", "model");
        String version = ((Element) models.item(0)).getAttributeNS(ENTITIES, "entities-version");
        return version.compareTo("2024.1") >= 0;
    }

    /** The property that each answer is saved as, by the answer's path. */
    private static Map<String, String> properties(Element form) {
        Map<String, String> found = new HashMap<>();
        NodeList binds = form.getElementsByTagNameNS("*", "bind");
        for (int i = 0; i < binds.getLength(); i++) {
            Element bind = (Element) binds.item(i);
            if (bind.hasAttributeNS(ENTITIES, "saveto")) {
                found.put(bind.getAttribute("nodeset"), bind.getAttributeNS(ENTITIES, "saveto"));
            }
        }
        return found;
    }

    /** An answer belongs to the nearest place around it that declares an entity. */
    private static void walk(
            Element place,
            String path,
            Map<String, String> properties,
            EntityChange around,
            List<EntityChange> found) {
        Element entity = child(child(place, "meta"), "entity");
        EntityChange nearest = entity == null ? around : of(entity);
        if (entity != null) {
            found.add(nearest);
        }
        String property = properties.get(path);
        if (property != null && nearest != null) {
            nearest.properties().put(property, place.getTextContent());
        }
        for (Element below : children(place)) {
            walk(below, path + "/" + below.getLocalName(), properties, nearest, found);
        }
    }

    private static EntityChange of(Element entity) {
        Element label = child(entity, "label");
        return new EntityChange(
                entity.getAttribute("dataset"),
                entity.getAttribute("id"),
                isOn(entity, "create"),
                isOn(entity, "update"),
                label == null ? "" : label.getTextContent(),
                new TreeMap<>());
    }

    private static boolean isOn(Element entity, String flag) {
        return Set.of("1", "true").contains(entity.getAttribute(flag));
    }

    private static Element child(Element parent, String name) {
        return parent == null
                ? null
                : children(parent).stream()
                        .filter(element -> element.getLocalName().equals(name))
                        .findFirst()
                        .orElse(null);
    }

    private static List<Element> children(Element parent) {
        List<Element> found = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element) {
                found.add(element);
            }
        }
        return found;
    }

    private static Element parse(byte[] xml) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        ByteArrayInputStream bytes = new ByteArrayInputStream(xml);
        return factory.newDocumentBuilder().parse(bytes).getDocumentElement();
    }
}
