import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import org.javarosa.core.model.DataType;
import org.javarosa.core.model.condition.EvaluationContext;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.instance.FormInstance;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.xform.util.XFormAnswerDataParser;
import org.javarosa.xpath.XPathNodeset;
import org.javarosa.xpath.XPathParseTool;
import org.javarosa.xpath.expr.XPathFuncExpr;
import org.joda.time.DateTimeZone;

/**
 * The value of one expression over an instance `/data` of typed nodes; nodes with the same name are
 * a node-set. The context is `/data`, or the node that `at` names.
 */
class Expressions {
    private static final String ZONE = "Asia/Ho_Chi_Minh";
    private static final Map<String, DataType> TYPES =
            Map.ofEntries(
                    Map.entry("string", DataType.TEXT),
                    Map.entry("int", DataType.INTEGER),
                    Map.entry("decimal", DataType.DECIMAL),
                    Map.entry("date", DataType.DATE),
                    Map.entry("time", DataType.TIME),
                    Map.entry("dateTime", DataType.DATE_TIME),
                    Map.entry("boolean", DataType.BOOLEAN),
                    Map.entry("select1", DataType.CHOICE),
                    Map.entry("select", DataType.MULTIPLE_ITEMS),
                    Map.entry("geopoint", DataType.GEOPOINT),
                    Map.entry("geotrace", DataType.GEOTRACE),
                    Map.entry("geoshape", DataType.GEOSHAPE),
                    Map.entry("binary", DataType.BINARY));

    private Expressions() {}

    static Map<String, Object> evaluate(JsonNode asked) {
        TimeZone zone = TimeZone.getTimeZone(asked.path("zone").asText(ZONE));
        TimeZone.setDefault(zone);
        DateTimeZone.setDefault(DateTimeZone.forTimeZone(zone));
        Locale.setDefault(Locale.forLanguageTag(asked.path("locale").asText("vi")));
        try {
            FormInstance instance = new FormInstance(tree(asked.path("nodes")), "data");
            instance.formVersion = "2026.1";
            TreeReference context = TreeReference.rootRef().extendRef("data", 0);
            if (asked.hasNonNull("at")) {
                context = context.extendRef(asked.get("at").asText(), 0);
            }
            EvaluationContext whole = new EvaluationContext(instance);
            Object value =
                    XPathParseTool.parseXPath(asked.get("expression").asText())
                            .eval(instance, new EvaluationContext(whole, context));
            return describe(value);
        } catch (Exception | LinkageError | StackOverflowError error) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("type", "error");
            answer.put("value", error.getClass().getSimpleName());
            answer.put("message", String.valueOf(error.getMessage()));
            return answer;
        }
    }

    private static TreeElement tree(JsonNode nodes) {
        TreeElement root = new TreeElement("data", 0);
        for (JsonNode node : nodes) {
            String name = node.get(0).asText();
            DataType type = TYPES.get(node.get(1).asText());
            String text = node.get(2).asText();
            TreeElement child = new TreeElement(name, root.getChildMultiplicity(name));
            child.setDataType(type.value);
            if (!text.isEmpty()) {
                child.setValue(XFormAnswerDataParser.getAnswerData(text, type.value));
            }
            root.addChild(child);
        }
        return root;
    }

    /** `written` is what a calculation of type string puts into the instance. */
    private static Map<String, Object> describe(Object value) {
        Map<String, Object> answer = new LinkedHashMap<>();
        if (value instanceof XPathNodeset nodes) {
            answer.put("type", "nodeset");
            answer.put("value", texts(nodes));
            return answer;
        }
        answer.put("type", type(value));
        answer.put("value", XPathFuncExpr.toString(value));
        if (value instanceof Double number) {
            answer.put("exact", number.toString());
        } else if (value instanceof Date date) {
            answer.put("exact", date.toInstant().toString());
        }
        IAnswerData data = IAnswerData.wrapData(value, DataType.TEXT.value);
        answer.put("written", data == null ? "" : Judging.text(data, DataType.TEXT.value));
        return answer;
    }

    private static List<String> texts(XPathNodeset nodes) {
        return Arrays.stream(nodes.toArgList()).map(XPathFuncExpr::toString).toList();
    }

    private static String type(Object value) {
        if (value instanceof Double) {
            return "number";
        }
        return value instanceof Date ? "date" : value.getClass().getSimpleName().toLowerCase();
    }
}
