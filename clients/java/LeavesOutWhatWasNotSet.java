import java.time.OffsetDateTime;
import org.openapitools.client.ApiClient;
import org.openapitools.client.model.InstanceInput;
import org.openapitools.client.model.InstanceStatus;

/** Sending an empty list removes what Feishu has; a member that was not set must therefore not be sent at all. */
public final class LeavesOutWhatWasNotSet {
    private static final String WANTED =
        "{\"approval_code\":\"x\",\"started_at\":\"2026-01-31T09:30:00Z\",\"status\":\"pending\"}";

    public static void main(String[] arguments) throws Exception {
        InstanceInput instance = new InstanceInput()
            .approvalCode("x")
            .startedAt(OffsetDateTime.parse("2026-01-31T09:30:00Z"))
            .status(InstanceStatus.PENDING);
        String sent = ApiClient.createDefaultObjectMapper().writeValueAsString(instance);
        if (!sent.equals(WANTED)) {
            throw new AssertionError("the Java client sends " + sent + " instead of " + WANTED);
        }
    }
}
