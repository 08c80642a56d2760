import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.javarosa.core.model.condition.EvaluationContext;
import org.javarosa.core.model.condition.IFunctionHandler;
import org.javarosa.xpath.expr.XPathFuncExpr;

/** pulldata(file, column, key column, key): Collect brings it, JavaRosa alone has it not. */
record PullData(Path folder) implements IFunctionHandler {
    @Override
    public String getName() {
        return "pulldata";
    }

    @Override
    public List<Class[]> getPrototypes() {
        return List.of();
    }

    @Override
    public boolean rawArgs() {
        return true;
    }

    @Override
    public boolean realTime() {
        return false;
    }

    @Override
    public Object eval(Object[] args, EvaluationContext context) {
        String file = XPathFuncExpr.toString(args[0]);
        String key = XPathFuncExpr.toString(args[3]);
        Path path = folder.resolve(file.endsWith(".csv") ? file : file + ".csv");
        CSVFormat format = CSVFormat.DEFAULT.withFirstRecordAsHeader();
        try (CSVParser rows = format.parse(Files.newBufferedReader(path))) {
            for (CSVRecord row : rows) {
                if (row.get(XPathFuncExpr.toString(args[2])).equals(key)) {
                    return row.get(XPathFuncExpr.toString(args[1]));
                }
            }
        } catch (java.io.IOException error) {
            throw new Refused("pulldata cannot read " + path.getFileName());
        }
        return "";
    }
}
