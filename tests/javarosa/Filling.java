import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.javarosa.core.model.Constants;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.FormIndex;
import org.javarosa.core.model.SelectChoice;
import org.javarosa.core.model.SubmissionProfile;
import org.javarosa.core.model.ValidateOutcome;
import org.javarosa.core.model.IDataReference;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.data.MultipleItemsData;
import org.javarosa.core.model.data.SelectMultiData;
import org.javarosa.core.model.data.SelectOneData;
import org.javarosa.core.model.data.StringData;
import org.javarosa.core.model.data.helper.Selection;
import org.javarosa.core.reference.ReferenceManager;
import org.javarosa.core.services.transport.payload.ByteArrayPayload;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryPrompt;
import org.javarosa.model.xform.XFormSerializingVisitor;
import org.javarosa.model.xform.XPathReference;
import org.javarosa.xform.util.XFormAnswerDataParser;

/** One walk through a form, question by question as they become relevant, then finalization. */
class Filling {
    /** Every select met, with the choices that it offered. */
    final Map<String, List<String>> choices = new TreeMap<>();

    private final FormEntryController controller;
    private final Script script;
    private final Path folder;
    private long clock = System.currentTimeMillis();

    Filling(FormEntryController controller, Script script, Path folder) {
        this.controller = controller;
        this.script = script;
        this.folder = folder;
    }

    void walk() throws Exception {
        controller.jumpToIndex(FormIndex.createBeginningOfFormIndex());
        int event = controller.stepToNextEvent();
        while (event != FormEntryController.EVENT_END_OF_FORM) {
            if (event == FormEntryController.EVENT_QUESTION) {
                ask(controller.getModel().getQuestionPrompt());
            } else if (event == FormEntryController.EVENT_PROMPT_NEW_REPEAT) {
                addRepeat();
            }
            event = controller.stepToNextEvent();
        }
        script.requireDone();
    }

    /** Validate and finalize; returns the bytes to send, without what is not relevant. */
    byte[] finish() throws IOException {
        FormDef form = controller.getModel().getForm();
        ValidateOutcome fault = form.validate(true);
        if (fault != null) {
            throw new Refused(fault.failedPrompt.getReference() + ": outcome " + fault.outcome);
        }
        controller.finalizeFormEntry();
        SubmissionProfile profile = form.getSubmissionProfile();
        IDataReference part = profile == null ? null : profile.getRef();
        XFormSerializingVisitor serializer = new XFormSerializingVisitor();
        ByteArrayPayload payload =
                (ByteArrayPayload)
                        serializer.createSerializedPayload(
                                form.getMainInstance(),
                                part == null ? new XPathReference("/") : part);
        return payload.getPayloadStream().readAllBytes();
    }

    /** The prompt's own position is that of the repeat it would add. */
    private void addRepeat() {
        FormIndex index = controller.getModel().getFormIndex();
        String path = path(index);
        int last = path.lastIndexOf('[');
        String repeat = path.endsWith("]") ? path.substring(0, last) : path;
        int wanted = Integer.parseInt(script.repeats().getOrDefault(repeat, "1"));
        if (index.getElementMultiplicity() < wanted) {
            controller.newRepeat();
        }
    }

    private void ask(FormEntryPrompt prompt) throws Exception {
        FormIndex index = controller.getModel().getFormIndex();
        String path = path(index);
        requireImage(prompt.getImageText(), path);
        List<SelectChoice> offered = isSelect(prompt) ? offer(prompt, path) : List.of();
        String wrong = script.refused().remove(path);
        if (wrong != null) {
            require(index, answer(prompt, wrong, offered), path, false);
        }
        String text = script.answers().remove(path);
        if (text != null) {
            require(index, answer(prompt, text, offered), path, true);
        }
    }

    private void require(FormIndex index, IAnswerData answer, String path, boolean accepted) {
        int result = controller.answerQuestion(index, answer, true);
        if ((result == FormEntryController.ANSWER_OK) != accepted) {
            throw new Refused(path + ": answering " + answer.getDisplayText() + " gave " + result);
        }
    }

    private List<SelectChoice> offer(FormEntryPrompt prompt, String path) throws Exception {
        List<SelectChoice> offered = prompt.getSelectChoices();
        for (SelectChoice choice : offered) {
            if (String.valueOf(prompt.getSelectChoiceText(choice)).isEmpty()) {
                throw new Refused(path + ": the choice " + choice.getValue() + " has no label");
            }
            requireImage(prompt.getSpecialFormSelectChoiceText(choice, "image"), path);
        }
        choices.put(path, offered.stream().map(SelectChoice::getValue).toList());
        return offered;
    }

    private IAnswerData answer(FormEntryPrompt prompt, String text, List<SelectChoice> offered)
            throws IOException {
        return switch (prompt.getControlType()) {
            case Constants.CONTROL_SELECT_ONE -> new SelectOneData(pick(offered, text));
            case Constants.CONTROL_SELECT_MULTI -> new SelectMultiData(pickAll(offered, text));
            case Constants.CONTROL_RANK -> new MultipleItemsData(pickAll(offered, text));
            case Constants.CONTROL_UPLOAD,
                    Constants.CONTROL_IMAGE_CHOOSE,
                    Constants.CONTROL_AUDIO_CAPTURE,
                    Constants.CONTROL_VIDEO_CAPTURE,
                    Constants.CONTROL_FILE_CAPTURE -> new StringData(attach(text));
            default ->
                    XFormAnswerDataParser.getAnswerData(
                            text, prompt.getDataType(), prompt.getQuestion());
        };
    }

    private static boolean isSelect(FormEntryPrompt prompt) {
        return switch (prompt.getControlType()) {
            case Constants.CONTROL_SELECT_ONE,
                    Constants.CONTROL_SELECT_MULTI,
                    Constants.CONTROL_RANK -> true;
            default -> false;
        };
    }

    private static Selection pick(List<SelectChoice> offered, String value) {
        return offered.stream()
                .filter(choice -> choice.getValue().equals(value))
                .findFirst()
                .orElseThrow(() -> new Refused("the choice " + value + " is not offered"))
                .selection();
    }

    private static List<Selection> pickAll(List<SelectChoice> offered, String values) {
        return new ArrayList<>(
                Arrays.stream(values.split(" ")).map(value -> pick(offered, value)).toList());
    }

    /** A captured file has the moment as its name, and stands beside the instance. */
    private String attach(String name) throws IOException {
        String captured = clock++ + name.substring(name.lastIndexOf('.'));
        Files.copy(script.folder().resolve(name), folder.resolve(captured));
        return captured;
    }

    private static void requireImage(String uri, String path) throws Exception {
        if (uri != null && !ReferenceManager.instance().deriveReference(uri).doesBinaryExist()) {
            throw new Refused(path + ": " + uri + " was not downloaded");
        }
    }

    private static String path(FormIndex index) {
        return Script.plain(index.getReference().toString(true));
    }
}
