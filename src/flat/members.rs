//! Objects with a schema: every member is read, unknown and repeated names are reported.

use std::borrow::Cow;

use serde::de::{IgnoredAny, MapAccess};

use super::read::Seed;
use super::report::{Report, Step};
use crate::nearest::did_you_mean;

/// The members of one object of the schema, read one by one.
pub(super) trait Members<'de>: Default {
    /// Every member's name, in the order of the design.
    const NAMES: &'static [&'static str];

    /// Reads the value of the member with this name, one of [`Self::NAMES`].
    fn read_member<A: MapAccess<'de>>(
        &mut self,
        name: &'static str,
        map: &mut A,
        report: &mut Report,
    ) -> Result<(), A::Error>;
}

/// Reads all members of an object.
pub(super) fn read_members<'de, T: Members<'de>, A: MapAccess<'de>>(
    map: &mut A,
    report: &mut Report,
) -> Result<T, A::Error> {
    let mut members = T::default();
    let mut seen = 0_u64;
    while let Some(name) = map.next_key_seed(Seed::<Name<'de>>::new(report))? {
        let Some(position) = T::NAMES.iter().position(|known| *known == name.0) else {
            // A hint costs a comparison with every name; nobody would see it in a list that is full.
            let hint = if report.is_full() { None } else { did_you_mean(&name.0, T::NAMES.iter().copied()) };
            report.within(Step::Key(name.0.into_owned()), |report| {
                report.violate_with_hint("unknown_field", "is not a field of this object", hint);
            });
            map.next_value::<IgnoredAny>()?;
            continue;
        };
        let known = T::NAMES[position];
        // No object of the schema has more than 64 members; `members!` checks it at compile time.
        if seen & (1 << position) != 0 {
            report
                .within_name(known, |report| report.violate("duplicate_field", "occurs twice in its object"));
            map.next_value::<IgnoredAny>()?;
            continue;
        }
        seen |= 1 << position;
        report.within_name(known, |report| members.read_member(known, map, report))?;
    }
    Ok(members)
}

/// A member's name as the caller wrote it.
#[derive(Debug, Default)]
pub(super) struct Name<'a>(pub(super) Cow<'a, str>);

/// Declares an object that is read: its name in the OpenAPI file, its members, how each is read, what each means, and
/// what else is known of them.
macro_rules! members {
    (
        $(#[doc = $doc:literal])+
        struct $name:ident $(<$life:lifetime>)? as $public:ident {
            $($(#[doc = $member_doc:literal])+ $member:ident: $kind:ty $({ $($fact:ident: $value:expr),+ $(,)? })?,)+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Default)]
        pub(in crate::flat) struct $name $(<$life>)? {
            $($(#[doc = $member_doc])+ pub(in crate::flat) $member: $kind,)+
        }

        impl<'de $(: $life, $life)?> $crate::flat::members::Members<'de> for $name $(<$life>)? {
            const NAMES: &'static [&'static str] = {
                const NAMES: &[&str] = &[$(stringify!($member)),+];
                assert!(NAMES.len() <= 64);
                NAMES
            };

            fn read_member<A: serde::de::MapAccess<'de>>(
                &mut self,
                name: &'static str,
                map: &mut A,
                report: &mut $crate::flat::report::Report,
            ) -> Result<(), A::Error> {
                match name {
                    $(stringify!($member) => self.$member = map.next_value_seed($crate::flat::read::Seed::new(report))?,)+
                    // `read_members` asks for names of `NAMES` only.
                    _ => {}
                }
                Ok(())
            }
        }

        impl $(<$life>)? $crate::schema::Named for $name $(<$life>)? {
            const NAME: &'static str = stringify!($public);

            fn add_to(schemas: &mut $crate::schema::Schemas) {
                // A place-holder, so that a type that refers to itself ends.
                schemas.insert(Self::NAME.to_owned(), serde_json::Value::Null);
                let mut object = $crate::schema::ObjectShape::default();
                $(
                    let facts = $crate::schema::Facts { $($($fact: $value,)+)? ..$crate::schema::Facts::NONE };
                    object.member::<$kind>(stringify!($member), concat!($($member_doc, "\n"),+), &facts, schemas);
                )+
                schemas.insert(Self::NAME.to_owned(), object.finish(concat!($($doc, "\n"),+), true));
            }
        }
    };
}
pub(super) use members;
