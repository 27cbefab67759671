//! The people of the tenant, and the two calls that find them by e-mail address, mobile or union id (field notes).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::query::{Query, UserIdType};
use super::refusal::Refusal;
use super::switches::Switches;

/// Most people of a directory.
const MOST: usize = 20_000;

/// Most users of one `users/batch`.
const MOST_READ: usize = 50;

/// The scope without which nobody's `user_id` is shown.
const USER_ID_SCOPE: &str = "contact:user.employee_id:readonly";

/// The people of the tenant, by their `user_id`.
#[derive(Debug)]
pub(super) struct Directory(BTreeMap<String, Person>);

/// Somebody in the directory. Whoever has no `open_id` or `union_id` of their own is given one made of the `user_id`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    user_id: String,
    #[serde(default)]
    open_id: String,
    #[serde(default)]
    union_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// With `+` and country code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mobile: Option<String>,
    /// Whether the app may see them.
    #[serde(default = "yes")]
    visible: bool,
    #[serde(default)]
    resigned: bool,
}

fn yes() -> bool {
    true
}

/// What the control API shows and takes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct People {
    pub(super) people: Vec<Person>,
}

/// The body of `batch_get_id`.
#[derive(Debug, Deserialize)]
pub(super) struct FindUsers {
    #[serde(default)]
    emails: Vec<String>,
    #[serde(default)]
    mobiles: Vec<String>,
    #[serde(default)]
    include_resigned: bool,
}

/// `data` of its answer.
#[derive(Debug, Serialize)]
pub(super) struct FoundUsers {
    user_list: Vec<FoundUser>,
}

/// One entry for each name that was asked about; without a `user_id` where nobody is found.
#[derive(Debug, Serialize)]
struct FoundUser {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile: Option<String>,
}

/// `data` of `users/batch`; that whoever is not visible, or has left, is missing from it is our choice.
#[derive(Debug, Serialize)]
pub(super) struct ReadUsers {
    items: Vec<User>,
}

#[derive(Debug, Serialize)]
struct User {
    union_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    open_id: String,
}

impl Default for Directory {
    /// Those whom `docs/sandbox.md` lists: six who are found, one out of sight, and one who has left.
    fn default() -> Self {
        let people = [
            ("zhangsan", "ou_7a61e2", "on_5c0de7a1", "+8613900139000", true, false),
            ("lisi", "ou_b04c9d", "on_91f3b2c8", "+8613900139001", true, false),
            ("alice", "ou_3f1c2b", "on_8ed6aa67", "+8613800138000", true, false),
            ("bob", "ou_9a8b7c", "on_cad4860e", "+8613800138001", true, false),
            ("carol", "ou_1d2e3f", "on_d89jhsdh", "+8613800138002", true, false),
            ("dave", "ou_5b6c7d", "on_4f7a1c22", "+14155552671", true, false),
            ("eve", "ou_6e7f80", "on_77b0c1d3", "+8613800138004", false, false),
            ("frank", "ou_2c3d4e", "on_0a9f8e7d", "+8613800138005", true, true),
        ];
        let people = people.map(|(user_id, open_id, union_id, mobile, visible, resigned)| Person {
            user_id: user_id.to_owned(),
            open_id: open_id.to_owned(),
            union_id: union_id.to_owned(),
            email: Some(format!("{user_id}@example.com")),
            mobile: Some(mobile.to_owned()),
            visible,
            resigned,
        });
        Self(people.into_iter().map(|person| (person.user_id.clone(), person)).collect())
    }
}

impl Directory {
    /// Everybody.
    pub(super) fn all(&self) -> People {
        People { people: self.0.values().cloned().collect() }
    }

    /// Adds people, and changes those whose `user_id` is known.
    pub(super) fn put(&mut self, people: People) -> Result<(), String> {
        for mut person in people.people {
            if person.user_id.is_empty() {
                return Err("everybody needs a user_id".to_owned());
            }
            if self.0.len() >= MOST && !self.0.contains_key(&person.user_id) {
                return Err(format!("the directory has {MOST} people already"));
            }
            for (id, prefix) in [(&mut person.open_id, "ou_"), (&mut person.union_id, "on_")] {
                if id.is_empty() {
                    *id = format!("{prefix}{}", person.user_id);
                }
            }
            self.0.insert(person.user_id.clone(), person);
        }
        Ok(())
    }

    /// `POST contact/v3/users/batch_get_id`.
    pub(super) fn find(&self, asked: FindUsers, id_type: UserIdType, switches: &Switches) -> FoundUsers {
        let FindUsers { emails, mobiles, include_resigned } = asked;
        let id = |is_meant: &dyn Fn(&Person) -> bool| {
            let found = self.0.values().find(|person| person.visible && is_meant(person));
            let found = found.filter(|person| include_resigned || !person.resigned)?;
            found.id(id_type, switches)
        };
        let by_email = emails.into_iter().map(|email| FoundUser {
            user_id: id(&|person| person.email.as_deref() == Some(email.as_str())),
            email: Some(email),
            mobile: None,
        });
        let by_email: Vec<_> = by_email.collect();
        let by_mobile = mobiles.into_iter().map(|mobile| {
            // Without a country code it is one of mainland China.
            let whole = if mobile.starts_with('+') { mobile.clone() } else { format!("+86{mobile}") };
            FoundUser {
                user_id: id(&|person| person.mobile.as_deref() == Some(whole.as_str())),
                email: None,
                mobile: Some(mobile),
            }
        });
        FoundUsers { user_list: by_email.into_iter().chain(by_mobile).collect() }
    }

    /// `GET contact/v3/users/batch`.
    pub(super) fn read(&self, asked: &AskedUsers, switches: &Switches) -> ReadUsers {
        let found = asked.user_ids.iter().filter_map(|id| {
            let is_meant = |person: &&Person| *person.own_id(asked.id_type) == *id;
            self.0.values().find(is_meant).filter(|person| person.visible && !person.resigned)
        });
        let items = found.map(|person| User {
            union_id: person.union_id.clone(),
            user_id: person.id(UserIdType::User, switches),
            open_id: person.open_id.clone(),
        });
        ReadUsers { items: items.collect() }
    }
}

/// Whom `users/batch` is asked about.
pub(super) struct AskedUsers {
    user_ids: Vec<String>,
    id_type: UserIdType,
}

impl AskedUsers {
    /// Reads the query; at most 50 ids.
    pub(super) fn read(mut query: Query<'_>) -> Result<Self, Refusal> {
        let id_type = query.user_id_type();
        let user_ids = query.all("user_ids");
        if user_ids.is_empty() {
            query.required("user_ids");
        }
        if user_ids.len() > MOST_READ {
            query.report("user_ids", "", format!("user_ids holds at most {MOST_READ} ids"));
        }
        query.finish()?;
        Ok(Self { user_ids, id_type })
    }
}

impl Person {
    fn own_id(&self, id_type: UserIdType) -> &String {
        match id_type {
            UserIdType::User => &self.user_id,
            UserIdType::Open => &self.open_id,
            UserIdType::Union => &self.union_id,
        }
    }

    /// The id, if the app may see it; that fields without their scope are left out is documented.
    fn id(&self, id_type: UserIdType, switches: &Switches) -> Option<String> {
        let granted = switches.granted_scopes.as_ref();
        let may_see = granted.is_none_or(|scopes| scopes.iter().any(|scope| scope == USER_ID_SCOPE));
        (id_type != UserIdType::User || may_see).then(|| self.own_id(id_type).clone())
    }
}
