import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.GroupDef;
import org.javarosa.core.model.IFormElement;
import org.javarosa.core.model.ItemsetBinding;
import org.javarosa.core.model.QuestionDef;
import org.javarosa.core.model.QuickTriggerable;
import org.javarosa.core.model.condition.Condition;
import org.javarosa.core.model.condition.ConditionAction;
import org.javarosa.core.model.condition.EvaluationContext;
import org.javarosa.core.model.condition.Recalculate;
import org.javarosa.core.model.condition.Triggerable;
import org.javarosa.core.model.instance.TreeReference;

/** The rules of a form as JavaRosa compiled them. It hides them, so reflection fetches them. */
record Rules(List<Condition> conditions, List<Recalculate> calculations, List<Select> selects) {
    static Rules of(FormDef form) throws ReflectiveOperationException {
        List<Condition> conditions = new ArrayList<>();
        List<Recalculate> calculations = new ArrayList<>();
        for (Object found : (Collection<?>) field(field(form, "dagImpl"), "triggerablesDAG")) {
            Triggerable rule = ((QuickTriggerable) found).getTriggerable();
            if (rule instanceof Condition condition) {
                conditions.add(condition);
            } else {
                calculations.add((Recalculate) rule);
            }
        }
        return new Rules(conditions, calculations, selects(form));
    }

    /** The reference that an expression is evaluated at, and those that take its result. */
    record Place(EvaluationContext context, List<TreeReference> targets) {}

    static List<Place> places(Triggerable rule, EvaluationContext whole) {
        List<Place> places = new ArrayList<>();
        for (TreeReference context : whole.expandReference(rule.getContext())) {
            TreeReference original = rule.getOriginalContext().contextualize(context);
            List<TreeReference> targets =
                    rule.getTargets().stream()
                            .map(target -> whole.expandReference(target.contextualize(context)))
                            .filter(Objects::nonNull)
                            .flatMap(List::stream)
                            .toList();
            places.add(new Place(new EvaluationContext(whole, original), targets));
        }
        return places;
    }

    static boolean isRelevance(Condition condition) throws ReflectiveOperationException {
        return field(condition, "trueAction") == ConditionAction.RELEVANT;
    }

    /** A select whose choices a predicate filters. */
    record Select(TreeReference ref, ItemsetBinding itemset) {
        private boolean isFiltered() {
            return itemset.nodesetRef.hasPredicates();
        }
    }

    private static List<Select> selects(IFormElement parent) {
        List<Select> selects = new ArrayList<>();
        for (IFormElement child : Optional.ofNullable(parent.getChildren()).orElse(List.of())) {
            if (child instanceof GroupDef) {
                selects.addAll(selects(child));
            } else if (child instanceof QuestionDef question
                    && question.getDynamicChoices() != null) {
                TreeReference ref = (TreeReference) question.getBind().getReference();
                selects.add(new Select(ref, question.getDynamicChoices()));
            }
        }
        return selects.stream().filter(Select::isFiltered).toList();
    }

    private static Object field(Object object, String name) throws ReflectiveOperationException {
        Field field = object.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(object);
    }
}
