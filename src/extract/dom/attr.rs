//! Names of attributes.

use super::names::names;

names! {
    /// An attribute's name; `Other` for all that nobody asks for.
    Attr, else Other:
    AriaHidden = "aria-hidden", AriaLabel = "aria-label", Class = "class", Content = "content",
    DataComponent = "data-component", DataModule = "data-module", DataName = "data-name", DataQa = "data-qa",
    DataTest = "data-test", DataTestid = "data-testid", DataType = "data-type", Hidden = "hidden", Href = "href",
    HttpEquiv = "http-equiv", Id = "id", Itemprop = "itemprop", Itemtype = "itemtype", Lang = "lang", Name = "name",
    Property = "property", Rel = "rel", Role = "role", Src = "src", Style = "style", Type = "type",
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
