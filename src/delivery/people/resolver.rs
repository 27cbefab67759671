//! Finds the people of documents.

use std::collections::HashMap;
use std::sync::Arc;

use super::cache::{Cache, Found, Known};
use super::directory::{self, Directory};
use super::metrics::{AppPeopleMetrics, PeopleMetrics, Source};
use super::unresolved::{Collected, UnresolvedPeople};
use crate::domain::{Alias, AliasKind, KnownPeople, NamesPeople};
use crate::feishu::{CallError, FeishuClient};
use crate::support::deadline::Deadline;

/// Finds the ids of people whom documents of one app name by aliases.
#[derive(Debug)]
pub struct PeopleResolver {
    cache: Arc<Cache>,
    /// For addresses and mobiles.
    contacts: Arc<Directory>,
    union_ids: Arc<Directory>,
    metrics: AppPeopleMetrics,
}

/// Where a person was found who is used now.
enum Used {
    Now(Source),
    Kept(Known),
}

impl Used {
    fn source(self) -> Source {
        match self {
            Self::Now(source) => source,
            Self::Kept(known) if known.is_new() => Source::LookedUp,
            Self::Kept(_) => Source::Cache,
        }
    }
}

impl PeopleResolver {
    /// Looks people up through this client.
    pub fn new(feishu: &Arc<FeishuClient>, metrics: &PeopleMetrics) -> Self {
        let metrics = metrics.of(feishu.name());
        let cache = Arc::<Cache>::default();
        let directory = || Directory::new(Arc::clone(feishu), Arc::clone(&cache), metrics.clone());
        Self { contacts: directory(), union_ids: directory(), cache, metrics }
    }

    /// The people whom a document names by aliases, as far as that is known without asking. Whoever cannot be found is taken from
    /// `remembered`, and so is everybody while Feishu cannot be asked.
    ///
    /// # Errors
    /// When somebody is not known.
    pub fn known(
        &self,
        document: &impl NamesPeople,
        remembered: &KnownPeople,
    ) -> Result<KnownPeople, UnresolvedPeople> {
        self.settle(document, remembered, &HashMap::new())
    }

    /// The people whom a document names by aliases; those who are not known are looked up.
    ///
    /// # Errors
    /// When somebody is not to be found, or Feishu cannot be asked before the deadline.
    pub async fn resolve(
        &self,
        document: &impl NamesPeople,
        remembered: &KnownPeople,
        deadline: Deadline,
    ) -> Result<KnownPeople, UnresolvedPeople> {
        match self.known(document, remembered) {
            Err(UnresolvedPeople::NotAsked(aliases)) => {
                let found = self.look_up(&aliases, deadline).await;
                let found = found.map_err(|error| UnresolvedPeople::Failed(Box::new(error)))?;
                self.settle(document, remembered, &found)
            }
            known => known,
        }
    }

    /// Looks these people up, together with whom others ask about; the cache knows them afterwards.
    ///
    /// # Errors
    /// When Feishu cannot be asked before the deadline.
    pub async fn look_up(
        &self,
        aliases: &[Alias<'static>],
        deadline: Deadline,
    ) -> Result<HashMap<Alias<'static>, Found>, CallError> {
        // All are asked about before one is waited for.
        let asked: Vec<_> =
            aliases.iter().map(|alias| (alias, self.directory(alias.kind).ask(alias))).collect();
        let mut found = HashMap::with_capacity(asked.len());
        for (alias, answer) in asked {
            let waiting = tokio::time::timeout_at(deadline.instant(), answer?.wait());
            let answer = waiting.await.unwrap_or_else(|_| Err(directory::late(alias.kind)));
            found.insert(alias.clone(), answer?);
        }
        Ok(found)
    }

    /// Has people looked up of whom somebody will need to know soon; nobody waits for it.
    pub fn want(&self, aliases: &[Alias<'static>]) {
        for alias in aliases.iter().filter(|alias| self.cache.get(alias).is_none()) {
            self.directory(alias.kind).want(alias);
        }
    }

    fn directory(&self, kind: AliasKind) -> &Arc<Directory> {
        match kind {
            AliasKind::Email | AliasKind::Mobile => &self.contacts,
            AliasKind::UnionId => &self.union_ids,
        }
    }

    fn settle(
        &self,
        document: &impl NamesPeople,
        remembered: &KnownPeople,
        found: &HashMap<Alias<'static>, Found>,
    ) -> Result<KnownPeople, UnresolvedPeople> {
        let mut known = KnownPeople::new();
        let (mut unresolved, mut sources) = (Collected::default(), Vec::new());
        for (pointer, alias) in document.aliases() {
            let alias = alias.to_static();
            let kept = self.cache.get(&alias);
            let answer = found.get(&alias).cloned().or_else(|| Some(kept.clone()?.map(|known| known.ids)));
            let ids = match answer {
                Some(Some(ids)) => {
                    sources.push(kept.flatten().map_or(Used::Now(Source::LookedUp), Used::Kept));
                    Some(ids)
                }
                Some(None) => None,
                None => match self.directory(alias.kind).failure() {
                    Some(failure) if !remembered.contains_key(&alias) => {
                        unresolved.failed(failure);
                        continue;
                    }
                    Some(_) => None,
                    None => {
                        unresolved.not_asked(alias);
                        continue;
                    }
                },
            };
            let ids = ids.or_else(|| {
                let ids = remembered.get(&alias)?;
                sources.push(Used::Now(Source::Remembered));
                Some(ids.clone())
            });
            match ids {
                Some(ids) if document.needs_user_ids() && ids.user_id.is_none() => {
                    unresolved.without_user_id(pointer);
                }
                Some(ids) => {
                    known.insert(alias, ids);
                }
                None => {
                    sources.push(Used::Now(Source::Nowhere));
                    unresolved.unknown(pointer, alias.kind);
                }
            }
        }
        let settled = unresolved.none_or(known);
        // What is asked about once more is counted then.
        if matches!(settled, Ok(_) | Err(UnresolvedPeople::Unknown(_))) {
            sources.into_iter().for_each(|used| self.metrics.resolved(used.source()));
        }
        settled
    }
}
