/** What Collect would tell its user, or what a form does that JavaRosa does not accept. */
class Refused extends RuntimeException {
    Refused(String message) {
        super(message);
    }
}
