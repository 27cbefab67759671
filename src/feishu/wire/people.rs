//! `POST contact/v3/users/batch_get_id` and `GET contact/v3/users/batch` (field notes): who has an address, a mobile, a union id.

use serde::{Deserialize, Serialize};

use super::Loose;

/// The body of `batch_get_id`; at most 50 of each kind.
#[derive(Debug, Serialize)]
pub struct FindUsersRequest<'a> {
    /// E-mail addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<&'a str>,
    /// Mobiles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mobiles: Vec<&'a str>,
    /// Whether those are found, too, who have left.
    pub include_resigned: bool,
}

/// `data` of its answer.
#[derive(Debug, Deserialize)]
pub struct FoundUsers {
    /// One entry for each address and mobile that was asked about.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub user_list: Vec<FoundUser>,
}

/// `user_list[]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct FoundUser {
    /// The id of the kind that was asked for; of whoever is not found there is none.
    pub user_id: Loose,
    /// What was asked about, if that was an address.
    pub email: Loose,
    /// What was asked about, if that was a mobile.
    pub mobile: Loose,
}

/// `data` of the answer of `users/batch`.
#[derive(Debug, Deserialize)]
pub struct ReadUsers {
    /// Those who are visible; that others are left out is inferred.
    #[serde(default, deserialize_with = "super::lenient::null_as_default")]
    pub items: Vec<UserNode>,
}

/// `items[]`, as far as ids go.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct UserNode {
    /// The id in the app.
    pub open_id: Loose,
    /// The id for the developer's apps.
    pub union_id: Loose,
    /// The id in the tenant, where the app may see it.
    pub user_id: Loose,
    /// What has become of them, where the app may see it.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub status: UserStatus,
}

/// `items[].status`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct UserStatus {
    /// Whether they have left.
    pub is_resigned: Loose,
}
