//! Finds the ids of people whom a document names by e-mail addresses, mobiles or union ids (field notes).

use std::collections::HashMap;
use std::mem;

use crate::domain::{Alias, AliasKind, KnownPeople, PersonIds, UserIdType};
use crate::feishu::api::Api;
use crate::feishu::client::FeishuClient;
use crate::feishu::context::CallContext;
use crate::feishu::encoding::query_value;
use crate::feishu::failure::CallError;
use crate::feishu::failure_table::ReportedAs;
use crate::feishu::transport::Request;
use crate::feishu::wire::{FindUsersRequest, FoundUsers, ReadUsers};

/// Most names of one kind that one call takes, documented for both calls.
pub const MOST_OF_A_KIND: usize = 50;

/// What Feishu says about some people.
#[derive(Debug, Default)]
pub struct FoundPeople {
    /// Those who were found. All others are unknown, have left, or are out of the app's sight.
    pub people: KnownPeople,
    /// Whether the app may not see ids of the tenant: it need not ask for them again soon.
    pub user_ids_denied: bool,
}

impl AliasKind {
    /// The call that finds people by names of this kind.
    pub fn api(self) -> Api {
        match self {
            Self::Email | Self::Mobile => Api::FindUsers,
            Self::UnionId => Api::ReadUsers,
        }
    }
}

impl FeishuClient {
    /// The ids of people by names that one call finds, at most [`MOST_OF_A_KIND`] of each kind. `wants_user_ids` asks for those of the
    /// tenant, too, which costs a second call for addresses and mobiles; where the app may not see them, they are left out.
    ///
    /// # Errors
    /// When the app may not look people up, or Feishu cannot be reached, or does not answer before the deadline; also when one of the
    /// names is such that Feishu refuses all of them.
    pub async fn find_people(
        &self,
        aliases: &[Alias<'static>],
        wants_user_ids: bool,
        context: &CallContext,
    ) -> Result<FoundPeople, CallError> {
        let (union_ids, others): (Vec<_>, Vec<_>) =
            aliases.iter().partition(|alias| alias.kind == AliasKind::UnionId);
        let mut found = FoundPeople::default();
        if !union_ids.is_empty() {
            found.people.extend(self.by_union_ids(&union_ids, context).await?);
        }
        if others.is_empty() {
            return Ok(found);
        }
        let user_ids = async {
            if wants_user_ids {
                self.by_contacts(&others, UserIdType::UserId, context).await
            } else {
                Ok(HashMap::new())
            }
        };
        let open_ids = self.by_contacts(&others, UserIdType::OpenId, context);
        let (open_ids, user_ids) = tokio::join!(open_ids, user_ids);
        let open_ids = open_ids?;
        let mut user_ids = match user_ids {
            Ok(user_ids) => user_ids,
            Err(error) if error.failure.reported_as() == ReportedAs::PermissionDenied => {
                found.user_ids_denied = true;
                HashMap::new()
            }
            Err(error) => return Err(error),
        };
        found.people.extend(others.into_iter().enumerate().filter_map(|(place, alias)| {
            let ids = PersonIds { open_id: open_ids.get(&place)?.clone(), user_id: user_ids.remove(&place) };
            Some((alias.clone(), ids))
        }));
        Ok(found)
    }

    /// Ids of one kind, by the places of the addresses and mobiles that were asked about. Answers about anything else are ignored.
    async fn by_contacts(
        &self,
        aliases: &[&Alias<'static>],
        id_type: UserIdType,
        context: &CallContext,
    ) -> Result<HashMap<usize, String>, CallError> {
        let of = |kind| {
            let own = aliases.iter().filter(move |alias| alias.kind == kind);
            own.map(|alias| alias.value.as_ref()).collect()
        };
        let body = FindUsersRequest {
            emails: of(AliasKind::Email),
            mobiles: of(AliasKind::Mobile),
            include_resigned: false,
        };
        let suffix = format!("?user_id_type={}", id_type.wire_name());
        let request = Request { suffix, ..Request::json(Api::FindUsers, &body) };
        let FoundUsers { user_list } = self.call(request, context).await?.data;
        let mut places: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, alias) in aliases.iter().enumerate() {
            places.entry(key(alias.kind, &alias.value)).or_default().push(place);
        }
        let mut ids = HashMap::new();
        for user in user_list {
            let Some(id) = user.user_id.0 else { continue };
            let names = [(AliasKind::Email, user.email.0), (AliasKind::Mobile, user.mobile.0)];
            for (kind, name) in names {
                let asked = name.and_then(|name| places.get_mut(&key(kind, &name))).map(mem::take);
                ids.extend(asked.into_iter().flatten().map(|place| (place, id.clone())));
            }
        }
        Ok(ids)
    }

    async fn by_union_ids(
        &self,
        aliases: &[&Alias<'static>],
        context: &CallContext,
    ) -> Result<KnownPeople, CallError> {
        let mut suffix = format!("?user_id_type={}", UserIdType::UnionId.wire_name());
        for alias in aliases {
            suffix += &format!("&user_ids={}", query_value(&alias.value));
        }
        let request = Request { api: Api::ReadUsers, suffix, body: None, late: None };
        let ReadUsers { items } = self.call(request, context).await?.data;
        let mut found: HashMap<_, _> = items
            .into_iter()
            .filter(|user| user.status.is_resigned.flag() != Some(true))
            .filter_map(|user| {
                let ids = PersonIds { open_id: user.open_id.0?, user_id: user.user_id.0 };
                Some((user.union_id.0?, ids))
            })
            .collect();
        let known = aliases.iter().filter_map(|alias| {
            let ids = found.remove(alias.value.as_ref())?;
            Some(((*alias).clone(), ids))
        });
        Ok(known.collect())
    }
}

/// What answers are matched by: Feishu may write an address in other cases, and a mobile of mainland China with its country code
/// or without (inferred; nothing says that it does).
fn key(kind: AliasKind, name: &str) -> (AliasKind, String) {
    let name = match kind {
        AliasKind::Email => name.to_lowercase(),
        AliasKind::Mobile => name.strip_prefix("+86").unwrap_or(name).to_owned(),
        AliasKind::UnionId => name.to_owned(),
    };
    (kind, name)
}
