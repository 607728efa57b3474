//! Names of attributes.

use super::names::names;

names! {
    /// An attribute's name; `Other` for all that are only asked for by their names.
    Attr, else Other:
    AriaHidden = "aria-hidden", AriaLabel = "aria-label", Class = "class", Content = "content",
    DataComponent = "data-component", DataModule = "data-module", DataName = "data-name", DataQa = "data-qa",
    DataTest = "data-test", DataTestid = "data-testid", DataType = "data-type", Hidden = "hidden", Href = "href",
    HttpEquiv = "http-equiv", Id = "id", Itemprop = "itemprop", Itemtype = "itemtype", Lang = "lang", Name = "name",
    Property = "property", Rel = "rel", Role = "role", Style = "style", Type = "type",
}

impl Attr {
    /// Whether its values say what an element is for, so that elements share them.
    pub(super) fn is_telling(self) -> bool {
        use Attr::*;
        matches!(
            self,
            AriaLabel
                | Class
                | DataComponent
                | DataModule
                | DataName
                | DataQa
                | DataTest
                | DataTestid
                | DataType
                | Id
                | Itemprop
                | Itemtype
                | Name
                | Rel
                | Role
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::dom::{self, Tag};

    #[test]
    fn elements_are_told_by_their_attributes_in_the_order_of_the_names() {
        let document = dom::parse("<p role=a title=b id=c class=d>x<p class=a>y").unwrap();
        let told: Vec<Vec<_>> = document
            .elements(Tag::P)
            .map(|node| document.telling(node).map(|it| (it.attr, it.value, it.id.unwrap().index())).collect())
            .collect();
        assert_eq!(told[0], [(Attr::Class, "d", 2), (Attr::Id, "c", 1), (Attr::Role, "a", 0)]);
        assert_eq!(told[1], [(Attr::Class, "a", 0)], "a value has one number, whatever it is of");
        assert_eq!(document.values(), 3);
    }

    #[test]
    fn every_name_is_found_and_no_other() {
        for (attr, name) in Attr::ALL.iter().zip(Attr::NAMES) {
            assert_eq!(Attr::from_name(name), *attr);
        }
        for name in ["", "i", "ids", "data-tes", "data-tested", "CLASS", "onclick"] {
            assert_eq!(Attr::from_name(name), Attr::Other, "{name}");
        }
    }
}
