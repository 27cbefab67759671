//! The flat definition becomes `external_approvals` (contract §3.1).

use bytes::Bytes;
use secrecy::ExposeSecret;

use super::oversized::OversizedPayload;
use crate::domain::{ApprovalDefinition, Callback, Group, Id, Link, Viewers};
use crate::feishu::wire::{External, ExternalApproval, Members, TooLarge, Viewer, payload};

/// The exact payload of an upsert, in JSON.
///
/// # Errors
/// When it would have more than [`MAX_PAYLOAD_BYTES`](crate::feishu::wire::MAX_PAYLOAD_BYTES).
pub fn definition_payload(definition: &ApprovalDefinition<'_>) -> Result<Bytes, OversizedPayload> {
    let members = external_approval(definition);
    let written = payload(&members, definition.locale, &definition.translations, Vec::new());
    written.map(Bytes::from).map_err(|TooLarge| OversizedPayload::unexplained())
}

fn external_approval<'a>(definition: &'a ApprovalDefinition<'a>) -> impl Members<'a> {
    let ApprovalDefinition {
        definition_key,
        // For whoever asks whether it is a new one.
        approval_code: _,
        name,
        group,
        description,
        source_name,
        business_type,
        pc_create_link,
        mobile_create_link,
        support_pc,
        support_mobile,
        support_batch_read,
        allow_batch_operate,
        exclude_from_statistics,
        callback,
        // Has become a callback.
        quick_approval: _,
        viewers,
        managers,
        // Have become ids.
        named: _,
        // Both are for the texts, which the payload ends with.
        locale: _,
        translations: _,
        // Both travel in the query (contract §3.1).
        user_id_type: _,
        department_id_type: _,
        // For the caller.
        warnings: _,
    } = definition;
    let (group_code, group_name) = match group {
        Some(Group { key, name }) => (Some(key.as_str()), name.as_ref()),
        None => (None, None),
    };
    let (url, token, key) = match callback {
        Some(Callback { url, token, key }) => (Some(url.as_str()), token.as_ref(), key.as_ref()),
        None => (None, None, None),
    };
    ExternalApproval {
        approval_name: name,
        approval_code: definition_key.as_str(),
        group_code,
        group_name,
        description: description.as_ref(),
        external: External {
            biz_name: source_name.as_ref(),
            biz_type: business_type.as_ref().map(Id::as_str),
            create_link_mobile: mobile_create_link.as_ref().map(Link::as_str),
            create_link_pc: pc_create_link.as_ref().map(Link::as_str),
            support_pc: *support_pc,
            support_mobile: *support_mobile,
            support_batch_read: *support_batch_read,
            action_callback_url: url,
            action_callback_token: token.map(ExposeSecret::expose_secret),
            action_callback_key: key.map(ExposeSecret::expose_secret),
            allow_batch_operate: *allow_batch_operate,
            exclude_efficiency_statistics: *exclude_from_statistics,
        },
        viewers: viewer_list(viewers),
        managers: managers.iter().map(Id::as_str).collect(),
    }
}

fn viewer_list<'a>(viewers: &'a Viewers<'a>) -> Vec<Viewer<'a>> {
    let whole = |viewer_type| vec![Viewer { viewer_type, viewer_user_id: None, viewer_department_id: None }];
    match viewers {
        Viewers::Everyone => whole("TENANT"),
        Viewers::Nobody => whole("NONE"),
        Viewers::Selected { user_ids, department_ids } => {
            let users = user_ids.iter().map(|id| Viewer {
                viewer_type: "USER",
                viewer_user_id: Some(id.as_str()),
                viewer_department_id: None,
            });
            let departments = department_ids.iter().map(|id| Viewer {
                viewer_type: "DEPARTMENT",
                viewer_user_id: None,
                viewer_department_id: Some(id.as_str()),
            });
            users.chain(departments).collect()
        }
    }
}
