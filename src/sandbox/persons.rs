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
#[derive(Debug, Default, Serialize)]
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
    messages: usize,
}

/// The persons who are known so far, each with a number.
#[derive(Default)]
struct Known {
    persons: Vec<Person>,
    numbers: HashMap<String, usize>,
}

impl Known {
    /// The person with this id; nobody when there are too many already.
    fn person(&mut self, id: &str) -> Option<&mut Person> {
        let number = match self.numbers.get(id) {
            Some(number) => *number,
            None if self.persons.len() == MAX_PERSONS => return None,
            None => {
                self.numbers.insert(id.to_owned(), self.persons.len());
                self.persons.push(Person { id: id.to_owned(), ..Person::default() });
                self.persons.len() - 1
            }
        };
        self.persons.get_mut(number)
    }
}

/// Collects the persons of the newest instances, and those who have got messages.
pub(super) fn persons(state: &State, locale: Option<&str>) -> Persons {
    let mut known = Known::default();
    for stored in state.instances.all().rev().take(LOOKED_THROUGH) {
        let instance = &*stored.instance;
        for place in places(instance) {
            let Some(id) = place.user_id.or(place.open_id) else { continue };
            let Some(person) = known.person(id) else { continue };
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
    for id in state.messages.recipients() {
        if let Some(person) = known.person(id) {
            person.messages += 1;
        }
    }
    Persons { persons: known.persons }
}
