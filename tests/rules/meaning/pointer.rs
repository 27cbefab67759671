//! JSON Pointers (RFC 6901) into a document that may name a member twice.

use crate::meaning::json::Json;

/// Whether the pointer is well formed and what holds its last step exists in the document.
pub(crate) fn parent_exists(pointer: &str, document: &Json) -> bool {
    if pointer.is_empty() {
        return true;
    }
    let Some(steps) = pointer.strip_prefix('/') else { return false };
    let Some(steps) = steps.split('/').map(unescape).collect::<Option<Vec<_>>>() else { return false };
    let (last, above) = steps.split_last().expect("splitting gives at least one step");
    let mut places = vec![document];
    for step in above {
        places = places.into_iter().flat_map(|place| inside(place, step)).collect();
    }
    places.into_iter().any(|place| match place {
        Json::Object(_) => true,
        Json::Array(items) => index(last).is_some_and(|index| index < items.len()),
        _ => false,
    })
}

fn inside<'a>(place: &'a Json, step: &str) -> Vec<&'a Json> {
    match place {
        Json::Object(members) => {
            members.iter().filter(|(name, _)| name == step).map(|(_, value)| value).collect()
        }
        Json::Array(items) => index(step).and_then(|index| items.get(index)).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn index(step: &str) -> Option<usize> {
    step.parse().ok().filter(|index: &usize| index.to_string() == step)
}

/// The step without its escapes; `None` when a tilde escapes nothing.
fn unescape(step: &str) -> Option<String> {
    let bare = step.replace("~0", "").replace("~1", "");
    (!bare.contains('~')).then(|| step.replace("~1", "/").replace("~0", "~"))
}

#[cfg(test)]
mod tests {
    use super::parent_exists;
    use crate::meaning::json::Json;
    use test_case::test_case;

    #[test_case("" => true; "the document")]
    #[test_case("/a" => true; "a member")]
    #[test_case("/missing" => true; "a missing member")]
    #[test_case("/a/0/b" => true; "a member of an element")]
    #[test_case("/a/1" => false; "an element that is not there")]
    #[test_case("/a/00/b" => false; "no index")]
    #[test_case("/missing/b" => false; "inside a missing member")]
    #[test_case("/x~1y/z" => true; "an escaped name")]
    #[test_case("/x~2" => false; "an escape of nothing")]
    #[test_case("a" => false; "no slash")]
    fn a_parent_exists(pointer: &str) -> bool {
        parent_exists(pointer, &Json::parse(r#"{"a":[{"b":1}],"x/y":{}}"#).unwrap())
    }
}
