import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.javarosa.core.reference.InvalidReferenceException;
import org.javarosa.core.reference.Reference;
import org.javarosa.core.reference.ReferenceFactory;

/**
 * Every `jr://…/name` is the file `name` in the form's media folder (§10.2). JavaRosa takes a list
 * that is not there for an empty one, so the missing are noted.
 */
record Media(Path folder, Set<String> missing) implements ReferenceFactory {
    Media(Path folder) {
        this(folder, new TreeSet<>());
    }

    @Override
    public boolean derives(String uri) {
        return uri.startsWith("jr://");
    }

    @Override
    public Reference derive(String uri) {
        Path path = folder.resolve(uri.substring(uri.lastIndexOf('/') + 1));
        if (!Files.isRegularFile(path)) {
            missing.add(uri);
        }
        return new MediaFile(uri, path);
    }

    @Override
    public Reference derive(String uri, String context) throws InvalidReferenceException {
        throw new InvalidReferenceException("not a jr:// reference", uri);
    }

    private record MediaFile(String uri, Path path) implements Reference {
        @Override
        public boolean doesBinaryExist() {
            return Files.isRegularFile(path);
        }

        @Override
        public InputStream getStream() throws IOException {
            return Files.newInputStream(path);
        }

        @Override
        public String getURI() {
            return uri;
        }

        @Override
        public String getLocalURI() {
            return path.toString();
        }

        @Override
        public boolean isReadOnly() {
            return true;
        }

        @Override
        public OutputStream getOutputStream() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void remove() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Reference[] probeAlternativeReferences() {
            return new Reference[0];
        }
    }
}
