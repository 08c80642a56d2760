import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.SelectChoice;
import org.javarosa.core.model.condition.Condition;
import org.javarosa.core.model.condition.EvaluationContext;
import org.javarosa.core.model.condition.Recalculate;
import org.javarosa.core.model.condition.Triggerable;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.instance.DataInstance;
import org.javarosa.core.model.instance.FormInstance;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.xform.parse.XFormParser;
import org.javarosa.xform.util.XFormAnswerDataSerializer;

/**
 * One form, and what its rules say of instances.
 *
 * <p>`submitted` leaves every value as it was sent: relevance is decided first, in JavaRosa's
 * order, then each calculation is evaluated and its result put nowhere. `recalculated` is what a
 * phone has after opening the instance.
 */
class Judging {
    private final FormDef form;
    private final TreeElement blank;
    private final Rules rules;

    Judging(FormDef form, Path media) throws Exception {
        this.form = form;
        this.rules = Rules.of(form);
        this.blank = form.getMainInstance().getRoot().deepCopy(true);
        form.addFunctionHandler(new PullData(media));
        for (Map.Entry<String, DataInstance> list : form.getFormInstances().entrySet()) {
            list.getValue().initialize(new InstanceInitializationFactory(), list.getKey());
        }
        if (form.getLocalizer() != null && form.getLocalizer().getLocale() == null) {
            form.getLocalizer().setToDefault();
        }
    }

    Map<String, Object> judge(String xml, boolean recalculated) throws Exception {
        byte[] bytes = xml.getBytes(StandardCharsets.UTF_8);
        TreeElement sent = XFormParser.restoreDataModel(bytes, null).getRoot();
        TreeElement root = blank.deepCopy(true);
        if (!sent.getName().equals(root.getName())) {
            throw new Refused("the root is " + sent.getName() + ", not " + root.getName());
        }
        root.populate(sent, form);
        form.getMainInstance().setRoot(root);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("at", System.currentTimeMillis());
        if (recalculated) {
            form.initialize(false, new InstanceInitializationFactory());
        } else {
            root.setRelevant(true);
        }
        Pass pass = new Pass(recalculated);
        pass.walk(root, sent, "/" + root.getName());
        pass.relevance();
        pass.calculations();
        pass.leaves();
        pass.choices();
        answer.put("nodes", List.copyOf(pass.verdicts.values()));
        answer.put("unknown", pass.unknown);
        return answer;
    }

    /** One instance being judged; a rule that JavaRosa cannot evaluate is noted where it failed. */
    private class Pass {
        final Map<TreeReference, Map<String, Object>> verdicts = new LinkedHashMap<>();
        final List<String> unknown = new ArrayList<>();
        private final boolean recalculated;
        private final Map<TreeReference, Boolean> own = new HashMap<>();
        private final Map<TreeReference, Map<String, String>> failed = new HashMap<>();
        private final FormInstance instance = form.getMainInstance();
        private final Map<TreeElement, IAnswerData> answers = new HashMap<>();
        private final Set<TreeElement> unsent = new HashSet<>();

        Pass(boolean recalculated) {
            this.recalculated = recalculated;
        }

        /** Lists what is there, and takes defaults out of what was not sent. */
        void walk(TreeElement node, TreeElement sent, String path) {
            Map<String, Object> verdict = new LinkedHashMap<>();
            verdict.put("path", path);
            verdict.put("sent", sent != null);
            verdict.put("leaf", node.isLeaf());
            verdict.put("value", sent == null || !sent.isLeaf() ? null : text(sent.getValue(), 0));
            verdicts.put(node.getRef(), verdict);
            if (!recalculated && node.isLeaf() && sent == null) {
                node.setValue(null);
            }
            if (node.isLeaf()) {
                answers.put(node, node.getValue());
            }
            List<TreeElement> children = new ArrayList<>();
            for (int i = 0; i < node.getNumChildren(); i++) {
                children.add(node.getChildAt(i));
            }
            for (TreeElement child : children) {
                walkChild(node, child, sent, path);
            }
            walkAttributes(node, sent);
            walkUnknown(node, sent, path);
        }

        /** The form's own attributes stand for nothing where an element came without them. */
        private void walkAttributes(TreeElement node, TreeElement sent) {
            for (int i = 0; i < node.getAttributeCount(); i++) {
                String space = node.getAttributeNamespace(i);
                String name = node.getAttributeName(i);
                if (sent == null || sent.getAttribute(space, name) == null) {
                    TreeElement attribute = node.getAttribute(space, name);
                    unsent.add(attribute);
                    attribute.setValue(recalculated ? attribute.getValue() : null);
                }
            }
        }

        private void walkChild(TreeElement node, TreeElement child, TreeElement sent, String path) {
            if (child.getMult() == TreeReference.INDEX_TEMPLATE) {
                return;
            }
            TreeElement match =
                    sent == null ? null : sent.getChild(child.getName(), child.getMult());
            if (!recalculated && match == null && child.isRepeatable()) {
                node.removeChild(child);
                return;
            }
            if (!recalculated) {
                child.setRelevant(true);
            }
            String index = child.isRepeatable() ? "[" + (child.getMult() + 1) + "]" : "";
            walk(child, match, path + "/" + child.getName() + index);
        }

        private void walkUnknown(TreeElement node, TreeElement sent, String path) {
            for (int i = 0; sent != null && i < sent.getNumChildren(); i++) {
                TreeElement child = sent.getChildAt(i);
                if (node.getChild(child.getName(), child.getMult()) == null) {
                    unknown.add(path + "/" + child.getName() + "[" + (child.getMult() + 1) + "]");
                }
            }
        }

        void relevance() throws ReflectiveOperationException {
            for (Condition condition : rules.conditions()) {
                boolean isRelevance = Rules.isRelevance(condition);
                for (Rules.Place place : Rules.places(condition, form.getEvaluationContext())) {
                    try {
                        Object result = condition.eval(instance, place.context());
                        for (TreeReference target : place.targets()) {
                            apply(condition, target, (Boolean) result, isRelevance);
                        }
                    } catch (RuntimeException error) {
                        note(place.targets(), isRelevance ? "relevant" : "condition", error);
                    }
                    putBack(condition);
                }
            }
        }

        private void apply(
                Condition condition, TreeReference target, boolean result, boolean isRelevance) {
            condition.apply(target, result, instance);
            if (isRelevance) {
                own.put(target, result);
            }
        }

        void calculations() {
            for (Recalculate calculation : rules.calculations()) {
                for (Rules.Place place : Rules.places(calculation, form.getEvaluationContext())) {
                    try {
                        Object result = calculation.eval(instance, place.context());
                        for (TreeReference target : place.targets()) {
                            int type = instance.resolveReference(target).getDataType();
                            String text = text(IAnswerData.wrapData(result, type), type);
                            verdict(target).put("calculated", text == null ? "" : text);
                        }
                    } catch (RuntimeException error) {
                        note(place.targets(), "calculated", error);
                    }
                    putBack(calculation);
                }
            }
        }

        void leaves() {
            for (TreeReference ref : verdicts.keySet()) {
                TreeElement node = instance.resolveReference(ref);
                Map<String, Object> verdict = verdicts.get(ref);
                verdict.put("relevant", node.isRelevant());
                verdict.put("own", own.getOrDefault(ref, true));
                verdict.put("required", node.isRequired());
                String read = node.isLeaf() ? text(node.getValue(), node.getDataType()) : null;
                verdict.put("read", read);
                verdict.put("constraint", constraint(ref, node));
                verdict.putIfAbsent("calculated", null);
                verdict.put("choices", null);
                verdict.put("failed", failed.getOrDefault(ref, Map.of()));
            }
        }

        private Boolean constraint(TreeReference ref, TreeElement node) {
            if (node.getConstraint() == null || node.getValue() == null) {
                return null;
            }
            try {
                return form.evaluateConstraint(ref, node.getValue());
            } catch (RuntimeException error) {
                note(List.of(ref), "constraint", error);
                return null;
            }
        }

        /** Asking for choices makes JavaRosa drop an answer that is none of them. */
        private void putBack(Triggerable rule) {
            if (String.valueOf(rule.getExpr()).contains("choice-name")) {
                answers.forEach(TreeElement::setValue);
            }
        }

        void choices() {
            EvaluationContext whole = form.getEvaluationContext();
            for (Rules.Select select : rules.selects()) {
                for (TreeReference ref : whole.expandReference(select.ref())) {
                    TreeElement node = instance.resolveReference(ref);
                    try {
                        List<SelectChoice> offered = select.itemset().getChoices(form, ref);
                        List<String> values =
                                offered.stream().map(SelectChoice::getValue).toList();
                        verdict(ref).put("choices", values);
                    } catch (RuntimeException error) {
                        note(List.of(ref), "choices", error);
                    }
                    node.setValue(answers.get(node));
                }
            }
        }

        private Map<String, Object> verdict(TreeReference ref) {
            return verdicts.computeIfAbsent(ref, this::attribute);
        }

        /** Attributes are listed only where a rule is about them, as those of an entity are. */
        private Map<String, Object> attribute(TreeReference ref) {
            Map<String, Object> verdict = new LinkedHashMap<>();
            TreeElement attribute = instance.resolveReference(ref);
            boolean sent = !unsent.contains(attribute);
            Object parent = verdicts.get(ref.getParentRef()).get("path");
            verdict.put("path", parent + "/@" + ref.getNameLast());
            verdict.put("sent", sent);
            verdict.put("leaf", true);
            verdict.put("value", sent ? text(attribute.getValue(), 0) : null);
            return verdict;
        }

        private void note(List<TreeReference> refs, String rule, RuntimeException error) {
            String message = error.getClass().getSimpleName() + ": " + error.getMessage();
            for (TreeReference ref : refs) {
                Map<String, String> rules = failed.computeIfAbsent(ref, key -> new HashMap<>());
                rules.put(rule, message);
                verdict(ref).put("failed", rules);
            }
        }
    }

    /** As JavaRosa writes it into an instance. */
    static String text(IAnswerData data, int type) {
        return data == null
                ? null
                : String.valueOf(new XFormAnswerDataSerializer().serializeAnswerData(data, type));
    }
}
