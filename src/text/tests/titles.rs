use crate::text::{first_author_key, normalised_title, title_is_distinctive};

#[test]
fn spellings_of_a_title_normalise_to_one() {
    for title in [
        "D$^2$NeRF: Few-Shot Gaussian Splatting",
        "D²NeRF — Few–Shot <i>Gaussian</i>\n  Splatting.",
        "Ｄ²NeRF: FEW-SHOT “Gaussian” Splatting!",
    ] {
        assert_eq!(normalised_title(title), "d2nerf few shot gaussian splatting", "{title:?}");
    }
    assert_eq!(normalised_title("Learning in R^2"), normalised_title("Learning in $\\mathbb{R}^2$"));
    assert_eq!(normalised_title("What’s New? What's New?"), "whats new whats new");
    assert_eq!(normalised_title("深度学习: 综述"), "深度学习 综述");
    assert_eq!(normalised_title("?!"), "");
}

#[test]
fn short_titles_do_not_identify_a_paper() {
    assert!(title_is_distinctive("attention is all you need now"));
    assert!(!title_is_distinctive("attention is all you nee"), "24 characters");
    assert!(!title_is_distinctive("representation learning transformers survey"), "four words");
    assert!(!title_is_distinctive(""));
}

#[test]
fn an_author_is_known_by_the_family_name() {
    for (author, key) in [
        ("Yann LeCun", "lecun"),
        ("LeCun, Yann", "lecun"),
        ("LECUN Y", "lecun"),
        ("Geoffrey E. Hinton", "hinton"),
        (r#"Kurt G{\"o}del"#, "godel"),
        ("Gödel, Kurt", "godel"),
        ("Søren Łukasz Strauß", "strauss"),
        ("Martin Luther King, Jr.", "king"),
        ("Martin Luther King Jr.", "king"),
        ("King, Martin Luther, III", "king"),
        ("van der Berg, Jan", "berg"),
        ("Jan van der Berg", "berg"),
        ("Gabriel García Márquez", "marquez"),
        ("García Márquez, Gabriel", "marquez"),
        ("Ada Lovelace (University of London)", "lovelace"),
        ("Fionn O'Brien", "obrien"),
        ("O’Brien, Fionn", "obrien"),
        ("李飞飞", "李飞飞"),
        ("Madonna", "madonna"),
        ("", ""),
        (", ,", ""),
        ("(", ""),
    ] {
        assert_eq!(first_author_key(author), key, "{author:?}");
    }
}
