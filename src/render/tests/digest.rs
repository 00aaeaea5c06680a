use crate::render::{DigestSample, Renderer, digest};

#[test]
fn every_sample_renders_the_same_twice() {
    let renderer = Renderer::new().unwrap();
    for sample in DigestSample::all() {
        let items = sample.items();
        let input = sample.input(&items);
        let first = digest(&renderer, &input).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
        assert_eq!(first, digest(&renderer, &input).unwrap(), "{}", sample.name);
        if let Some(dir) = option_env!("RENDER_OUT") {
            let name = sample.name.replace(' ', "-");
            std::fs::write(format!("{dir}/{name}.html"), &first.html).unwrap();
            std::fs::write(
                format!("{dir}/{name}.txt"),
                format!("{}\n{:?}\n\n{}", first.subject, first.preheader, first.text),
            )
            .unwrap();
        }
    }
}

#[test]
fn the_other_mails_render() {
    use crate::render::*;
    let renderer = Renderer::new().unwrap();
    let site = Site::sample();
    let link = "https://papers.example.org/confirm/aebagbafaydqqcikbmga2dqpcaireeyuculbogazdinryhi6d4ohcn3d";
    let mail = confirmation(
        &renderer,
        &ConfirmationInput {
            site: &site,
            language: "en",
            address: "ada@example.org",
            confirm_link: link,
            valid_hours: 48,
        },
    )
    .unwrap();
    if let Some(dir) = option_env!("RENDER_OUT") {
        std::fs::write(format!("{dir}/confirmation.html"), &mail.html).unwrap();
        std::fs::write(format!("{dir}/confirmation.txt"), &mail.text).unwrap();
        let sample = DigestSample::rich();
        let items = sample.items();
        std::fs::write(
            format!("{dir}/page.html"),
            digest_page(&renderer, &Frame::sample(), &sample.input(&items)).unwrap(),
        )
        .unwrap();
    }
}
