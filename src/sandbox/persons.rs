//! Who has something in the approval centre, and how much.

use std::collections::HashMap;

use serde::Serialize;

use super::i18n::Lexicon;
use super::inbox::{List, places};
use super::state::State;

/// Instances that are looked through, newest first, so that a full sandbox still answers at once.
const LOOKED_THROUGH: usize = 5_000;

/// Persons that are shown: those with the newest instances.
const MAX_PERSONS: usize = 200;

/// The answer of `GET /sandbox/persons`.
#[derive(Debug, Serialize)]
pub(super) struct Persons {
    persons: Vec<Person>,
}

/// A person with the length of each list.
#[derive(Debug, Serialize)]
struct Person {
    /// The `user_id`, or the `open_id` where that is all there is.
    id: String,
    /// The name, where an instance that this person has initiated says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    todo: usize,
    done: usize,
    initiated: usize,
    cc: usize,
}

/// Collects the persons of the newest instances.
pub(super) fn persons(state: &State, locale: Option<&str>) -> Persons {
    let mut persons: Vec<Person> = Vec::new();
    let mut numbers: HashMap<String, usize> = HashMap::new();
    for stored in state.instances.all().rev().take(LOOKED_THROUGH) {
        let instance = &*stored.instance;
        for place in places(instance) {
            let Some(id) = place.user_id.or(place.open_id) else { continue };
            let number = match numbers.get(id) {
                Some(number) => *number,
                None if persons.len() == MAX_PERSONS => continue,
                None => {
                    numbers.insert(id.to_owned(), persons.len());
                    persons.push(Person {
                        id: id.to_owned(),
                        name: None,
                        todo: 0,
                        done: 0,
                        initiated: 0,
                        cc: 0,
                    });
                    persons.len() - 1
                }
            };
            let person = &mut persons[number];
            match place.list {
                List::Todo(_) => person.todo += 1,
                List::Done(_) => person.done += 1,
                List::Cc(_) => person.cc += 1,
                List::Initiated => {
                    person.initiated += 1;
                    if let Some(key) = instance.user_name.as_deref().filter(|_| person.name.is_none()) {
                        person.name = Some(Lexicon::new(&instance.i18n_resources).read(key, locale));
                    }
                }
            }
        }
    }
    Persons { persons }
}
