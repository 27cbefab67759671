//! The catalogue in English: title, meaning, what to do.

use super::Code;

pub(super) fn explain(code: Code) -> (&'static str, &'static str, &'static str) {
    match code {
        Code::InvalidJson => (
            "The body is not JSON",
            "The bytes of the body could not be read as one JSON document in UTF-8. Nothing was sent to Feishu.",
            "Read detail for the place. Send one complete JSON document: no comments, no trailing commas, no NaN, no second document behind it.",
        ),
        Code::MalformedRequest => (
            "The request breaks the rules of HTTP",
            "The Host header is missing, repeated or no host, or the body stopped before its end or came in chunks that are none. Nothing was sent to Feishu.",
            "Send it with an HTTP library. Look for proxies in between that change headers or cut bodies off, and for a Content-Length that is not the body's.",
        ),
        Code::UnsupportedMediaType => (
            "The body is not declared as JSON",
            "The Content-Type header is missing or names something other than JSON in UTF-8, or the body is compressed. Nothing was sent to Feishu.",
            "Send the header that detail shows, and the body uncompressed. curl -d declares a form unless told otherwise.",
        ),
        Code::PayloadTooLarge => (
            "The body is too large",
            "The body is larger than this gateway accepts. Nothing was sent to Feishu.",
            "Send less: detail names the limit. An honest document is far below it, so look for embedded files or repeated translations. The operator can raise GATEWAY_REQUEST__MAX_BODY_BYTES.",
        ),
        Code::RequestTimeout => (
            "The request did not arrive in time",
            "The body was not complete before the deadline of the request. Nothing was sent to Feishu.",
            "Send it again. If it happens often, look at the network between the caller and the gateway, or for a Content-Length larger than the body.",
        ),
        Code::NotFound => (
            "Nothing is at this path",
            "The gateway has no such route, or no such page of this catalogue. Nothing was sent to Feishu.",
            "Compare the path with the documentation. Ids in a path must be percent-encoded (a slash is %2F), and no path ends with a slash.",
        ),
        Code::MethodNotAllowed => (
            "The route does not have this method",
            "The path exists, but not with this HTTP method. Nothing was sent to Feishu.",
            "Use a method that the Allow header of this answer names.",
        ),
        Code::ValidationFailed => (
            "The request breaks a rule",
            "Fields or parameters are missing, unknown, of the wrong type, or such that Feishu would refuse or silently lose them. Nothing was sent to Feishu.",
            "Correct everything that errors lists; of more than 1,000 things it names the first 1,000. Sending the same request again cannot help.",
        ),
        Code::IdMismatch => (
            "Body and path name different instances",
            "instance_id in the body differs from the one in the path, so it is not clear which is meant. Nothing was sent to Feishu.",
            "Make them equal, or leave instance_id out of the body. Compare after percent-decoding the path.",
        ),
        Code::WouldErase => (
            "The document would erase the instance",
            "A replace with a final status, no ids of an applicant, no tasks and no cc is Feishu's documented way to wipe an instance for good. Nothing was sent to Feishu.",
            "Name the applicant by user_id or open_id, or keep the tasks and cc in the document. To hide an instance, send the status hidden instead.",
        ),
        Code::InvalidCursor => (
            "The cursor does not fit",
            "The cursor is damaged, or was made for another operation or other filters. Nothing was sent to Feishu.",
            "Pass next_cursor on exactly as it came, with the same filters; or start again without a cursor.",
        ),
        Code::Unauthorized => (
            "The caller's key is missing or wrong",
            "The gateway does not know who is calling. This is about the caller's key for the gateway, never about Feishu's credentials. Nothing was sent to Feishu.",
            "Send Authorization: Bearer with a key whose SHA-256 is in the gateway's keys file. A new key is known within seconds of being added.",
        ),
        Code::Forbidden => (
            "The caller may not do this",
            "The key is right, but lacks the scope that this operation needs: read for what changes nothing, write for pushes and definitions. Nothing was sent to Feishu.",
            "Use a key with the scope that detail names, or ask the operator of the gateway to add it to the key's line, as in scope=read,write,operate.",
        ),
        Code::UpstreamRejected => (
            "Feishu refuses the content",
            "The document passed the gateway's checks, and Feishu refused it. Feishu's state is unchanged.",
            "Read errors, which points into your own document, and upstream.message. The usual causes are a user who does not exist in this tenant and an open_id of another app. Sending the same request again cannot help.",
        ),
        Code::UnknownPerson => (
            "A person is not to be found",
            "The document names people by an e-mail address, a mobile or a union id by which this app finds nobody: unknown to Feishu, outside the range of contacts that the app may see, or of somebody who has left; or it finds them without a user_id beside people who are named by theirs (no_user_id). Nothing was sent to Feishu.",
            "Correct the names that errors points at; a company mailbox is nobody's address, and mobiles outside mainland China need + and the country code. If they are right, have the operator widen the app's contact range in Feishu's developer console, wait a minute, and send the document again. Where errors says no_user_id, its hint says what to do.",
        ),
        Code::UnknownApprovalCode => (
            "Feishu knows no such approval_code",
            "No approval definition of this tenant and app has the approval_code of the body, or it was deleted. Feishu's state is unchanged.",
            "Send the approval_code that POST /v1/definitions answered, not the definition_key that you chose. A code belongs to one tenant and one app.",
        ),
        Code::DefinitionNotFound => (
            "Feishu knows no such definition",
            "No approval definition of this tenant and app has the code in the path.",
            "Use the approval_code that POST /v1/definitions answered, not the definition_key that you chose. A code belongs to one tenant and one app.",
        ),
        Code::DefinitionDeleted => (
            "The definition was deleted",
            "The approval definition existed, and was deleted in Feishu's approval administration.",
            "Create it again with POST /v1/definitions, and use the approval_code of that answer from now on.",
        ),
        Code::InstanceNotFound => (
            "Feishu has no such instance",
            "No push of an instance with this id has reached Feishu in this tenant and app, or it was wiped there.",
            "Check the id, percent-encoded in the path. If it is right, push the instance with PUT /v1/instances/{instance_id}.",
        ),
        Code::StaleUpdate => (
            "A newer version was sent already",
            "This update carries an updated_at that is not later than one this gateway has sent for the same instance. Feishu would have ignored it silently, so nothing was sent.",
            "If the newer push was yours, nothing is left to do. Else read the present state from your own system and push that. Do not move updated_at forward just to win.",
        ),
        Code::DocumentNotFound => (
            "No document of the instance is kept",
            "The gateway's ledger keeps no document of this instance: none was ever sent, it was forgotten, or it is older than the ledger keeps documents. Feishu may have the instance all the same.",
            "Send the whole document with PUT. GET /v1/instances/{instance_id} says what Feishu has.",
        ),
        Code::RevisionMismatch => (
            "Another revision is kept",
            "If-Match names a revision that is not the one kept: somebody else has changed the document since it was read. Nothing was accepted.",
            "Read the document again, apply the change to it, and send it with its ETag. Leave If-Match out to change whatever is kept.",
        ),
        Code::DocumentPending => (
            "The document still waits for its delivery",
            "What was accepted is not delivered yet, so it cannot be forgotten: that would break the promise to deliver it.",
            "Wait until the delivery is delivered or refused, or send a document that Feishu takes.",
        ),
        Code::ImportNotFound => (
            "There is no such import",
            "No import of this app has the id in the path. Ids are those of the Location header that an import is answered with.",
            "List the imports with GET /v1/imports.",
        ),
        Code::ImportCanceled => (
            "The import was canceled",
            "Canceling an import is final: what waited was withdrawn, and it takes no more lines. What was delivered before stands.",
            "Send the documents in a new import.",
        ),
        Code::SyncConflict => (
            "Feishu is busy with this instance",
            "Feishu refused because the same instance was pushed a moment ago, and still did so after the gateway's own retries. Feishu holds the earlier push.",
            "Send the same request again after Retry-After. If it happens often, let one process push each instance, and not through several gateways.",
        ),
        Code::UpstreamMisconfigured => (
            "Feishu does not accept this app for this tenant",
            "Feishu answered that it does not know the tenant or its members. The document is not to blame, and Feishu's state is unchanged.",
            "Operator: check that the app id belongs to the intended tenant, that the app is published and enabled there, and that GATEWAY_FEISHU__REGION is right. Quote upstream.log_id to Feishu's support.",
        ),
        Code::UpstreamRateLimited => (
            "Feishu's rate limit is reached",
            "Feishu's limit for this app and API does not allow the call before the deadline of the request. The push was not carried out.",
            "Send the same request again after Retry-After. If it happens often, spread the load, or look for another program that uses the same app. Several replicas of the gateway must divide the rates between them.",
        ),
        Code::UpstreamQuotaExhausted => (
            "The monthly quota of API calls is used up",
            "The tenant has used all the API calls that its Feishu plan includes this month. Every call fails until the next month.",
            "Operator: buy more calls or another plan in Feishu's administration, or wait for the next month. Trying again does not help.",
        ),
        Code::UpstreamAuthFailed => (
            "Feishu refuses the gateway's credentials",
            "Feishu does not accept the app id, the app secret or the token made from them, even after one renewal. The caller's key is fine. Nothing was changed in Feishu.",
            "Operator: compare GATEWAY_FEISHU__APP_ID and GATEWAY_FEISHU__APP_SECRET with the app's page in Feishu's developer console, check the region and that the app is enabled, then restart the gateway.",
        ),
        Code::UpstreamTicketMissing => (
            "Feishu has pushed no ticket of the store app",
            "The app is a store app: Feishu gives it tokens only with a ticket, which it pushes to the gateway, and the gateway has none that Feishu takes. It has asked for one. Nothing was sent.",
            "Wait: a ticket usually comes within some minutes. Operator: if none does, check that Feishu reaches the gateway's address for events from the internet (callbacks.listen, the request URL in the developer console), and that the token and the encryption key are those of the developer console; the gateway's log says what was refused.",
        ),
        Code::UpstreamPermissionDenied => (
            "The gateway's app lacks a permission",
            "Feishu knows the app, but it lacks a scope for this API, or this machine's address is not on the app's list. Feishu's state is unchanged.",
            "Operator: grant the scopes that detail names in Feishu's developer console and publish a new version of the app, or add the gateway's outgoing address to the app's list.",
        ),
        Code::UpstreamError => (
            "Feishu answered an error",
            "Feishu refused with a code that has no special meaning to the gateway. Feishu's state is unchanged.",
            "Look up upstream.code in Feishu's documents, and quote upstream.log_id to its support. Sending the same request again is unlikely to help.",
        ),
        Code::UpstreamUnavailable => (
            "Feishu cannot be reached",
            "Feishu could not be reached, or failed inside, and still did so after the gateway's own retries. outcome says whether the push may have arrived.",
            "Send the same request again after Retry-After: pushing the same document twice is harmless as long as no newer one went in between. If it lasts, check the gateway's way to the Internet and Feishu's status page.",
        ),
        Code::UpstreamProtocolError => (
            "Feishu's answer makes no sense",
            "Something answered in Feishu's place, or the answer broke off or is not what Feishu's documents promise. The push may have arrived.",
            "Send the same request again: pushing the same document twice is harmless as long as no newer one went in between. If it lasts, look for a proxy between the gateway and Feishu, and check the base URL.",
        ),
        Code::UpstreamTimeout => (
            "Feishu did not answer in time",
            "No answer came before the deadline of the request. When outcome is unknown, the push may have arrived all the same.",
            "Send the same request again: pushing the same document twice is harmless as long as no newer one went in between. Give more time with X-Request-Timeout-Ms, up to the gateway's own deadline.",
        ),
        Code::LedgerUnavailable => (
            "The ledger cannot be used",
            "The place where the gateway keeps documents could not be written or read: its disk is full or fails, or another process holds it. Nothing is half accepted; outcome says whether the document may have been taken.",
            "Try again when Retry-After says. The operator looks at the disk, and at the gateway's log.",
        ),
        Code::LedgerOff => (
            "The gateway keeps no documents",
            "This operation needs the gateway's ledger, and it is turned off (ledger.url = none).",
            "The operator can turn the ledger on. Without one, send whole documents with PUT and look at their answers.",
        ),
        Code::Overloaded => (
            "The gateway has too much work",
            "The gateway refused the request at once rather than answer everybody late. Nothing was sent to Feishu.",
            "Send the same request again after Retry-After. Operator: look at what limits the throughput; it is usually Feishu's rate limit.",
        ),
        Code::Draining => (
            "The gateway is shutting down",
            "The gateway finishes what it has begun and takes nothing new. Nothing was sent to Feishu.",
            "Send the same request again after Retry-After; another replica or the restarted gateway will take it.",
        ),
        Code::CircuitOpen => (
            "Calls to Feishu are paused",
            "This Feishu API failed so often just now that the gateway has stopped asking for a moment. Nothing was sent to Feishu.",
            "Send the same request again after Retry-After; the gateway tries by itself whether Feishu has recovered. The log has the failures that led here.",
        ),
        Code::InternalError => (
            "The gateway failed",
            "This is a bug of the gateway. When the request was a push, it may have arrived in Feishu all the same.",
            "Operator: search the log for the request id and report what it says. Caller: pushing the same document again is harmless as long as no newer one went in between, but it is likely to fail in the same way.",
        ),
    }
}
