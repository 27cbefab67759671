//! Finds the people of documents.

use std::sync::Arc;

use super::cache::Cache;
use super::directory::{self, Directory};
use super::metrics::{AppPeopleMetrics, PeopleMetrics, Source};
use super::unresolved::{Collected, NotKnown, UnresolvedPeople};
use crate::domain::{Alias, AliasKind, KnownPeople, NamesPeople};
use crate::feishu::FeishuClient;
use crate::support::deadline::Deadline;

/// Lookups for one document: more than one only when the cache has forgotten somebody in the meantime.
const MOST_LOOKUPS: usize = 3;

/// Finds the ids of people whom documents of one app name by aliases.
#[derive(Debug)]
pub struct PeopleResolver {
    cache: Arc<Cache>,
    /// For addresses and mobiles.
    contacts: Arc<Directory>,
    union_ids: Arc<Directory>,
    metrics: AppPeopleMetrics,
}

impl PeopleResolver {
    /// Looks people up through this client.
    pub fn new(feishu: &Arc<FeishuClient>, metrics: &PeopleMetrics) -> Self {
        let metrics = metrics.of(feishu.name());
        let cache = Arc::<Cache>::default();
        let directory = || Directory::new(Arc::clone(feishu), Arc::clone(&cache), metrics.clone());
        Self { contacts: directory(), union_ids: directory(), cache, metrics }
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
        let mut lookups = 0;
        loop {
            match self.known(document, remembered) {
                Ok(known) => return Ok(known),
                Err(NotKnown::Unresolved(unresolved)) => return Err(unresolved),
                Err(NotKnown::NotAsked(aliases)) => {
                    if let Some(forgotten) = aliases.first().filter(|_| lookups == MOST_LOOKUPS) {
                        return Err(directory::late(forgotten.kind).into());
                    }
                    lookups += 1;
                    self.look_up(&aliases, remembered, deadline).await?;
                }
            }
        }
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
    ) -> Result<KnownPeople, NotKnown> {
        let mut known = KnownPeople::new();
        let (mut unresolved, mut sources) = (Collected::default(), Vec::new());
        for (pointer, alias) in document.aliases() {
            let alias = alias.to_static();
            let found = match self.cache.get(&alias) {
                Some(found) => found,
                None => match self.directory(alias.kind).failure() {
                    Some(_) if remembered.contains_key(&alias) => None,
                    Some(failure) => {
                        unresolved.failed(failure);
                        continue;
                    }
                    None => {
                        unresolved.not_asked(alias);
                        continue;
                    }
                },
            };
            let found = found.map(|ids| (Source::Found, ids));
            let found = found.or_else(|| Some((Source::Remembered, remembered.get(&alias)?.clone())));
            sources.push(found.as_ref().map_or(Source::Nowhere, |(source, _)| *source));
            match found {
                Some((_, ids)) if document.needs_user_ids() && ids.user_id.is_none() => {
                    unresolved.without_user_id(pointer);
                }
                Some((_, ids)) => {
                    known.insert(alias, ids);
                }
                None => unresolved.unknown(pointer, alias.kind),
            }
        }
        let settled = unresolved.none_or(known);
        // Where people are looked up first, the document comes once more.
        if matches!(settled, Ok(_) | Err(NotKnown::Unresolved(UnresolvedPeople::Unknown(_)))) {
            sources.into_iter().for_each(|source| self.metrics.resolved(source));
        }
        settled
    }

    /// Looks these people up, together with whom others ask about: [`Self::known`] says afterwards what came of it.
    ///
    /// # Errors
    /// When Feishu cannot be asked before the deadline, and they are needed: whoever is `remembered` is not while nothing is asked.
    pub async fn look_up(
        &self,
        aliases: &[Alias<'static>],
        remembered: &KnownPeople,
        deadline: Deadline,
    ) -> Result<(), UnresolvedPeople> {
        // All are asked about before one is waited for.
        let asked: Vec<_> =
            aliases.iter().map(|alias| (alias, self.directory(alias.kind).ask(alias))).collect();
        for (alias, answer) in asked {
            let waiting = tokio::time::timeout_at(deadline.instant(), async { answer?.wait().await });
            let answer = waiting.await.unwrap_or_else(|_| Err(directory::late(alias.kind)));
            let is_needed =
                || !remembered.contains_key(alias) || self.directory(alias.kind).failure().is_none();
            if let Err(failure) = answer
                && is_needed()
            {
                return Err(failure.into());
            }
        }
        Ok(())
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
}
