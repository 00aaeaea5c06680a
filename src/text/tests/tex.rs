use super::shown_as;

#[test]
fn formulas_become_unicode() {
    shown_as(&[
        (r"$\alpha$-divergence", "α-divergence"),
        (r"An $O(n^2)$ bound", "An O(n²) bound"),
        (r"$O(n \log n)$ and $O(n\log n)$", "O(n log n) and O(n log n)"),
        (r"$\mathcal{O}(\sqrt{n})$", "O(√n)"),
        (r"$\ell_1$ and $\ell_{\infty}$", "ℓ₁ and ℓ_∞"),
        (r"in $\mathbb{R}^d$ and $\mathbb{E}$", "in ℝᵈ and 𝔼"),
        (r"D$^2$NeRF", "D²NeRF"),
        (r"$\pi_{0.5}$", "π_0.5"),
        (r"a 33 $\times$ speed-up, $1.13\times$", "a 33 × speed-up, 1.13×"),
        (r"$>95\%$ of $10.1\%$", ">95% of 10.1%"),
        (r"$d\leq 361$ and $n \geq 5$", "d≤361 and n ≥ 5"),
        (r"$0.558\rightarrow0.580$", "0.558→0.580"),
        (r"$\lambda = 5$, $\Delta x$, $\alpha \leq \beta$", "λ = 5, Δx, α ≤ β"),
        (r"$\frac{a}{b}$ and $\frac{a+b}{2}$", "a/b and (a+b)/2"),
        (r"$T_{max}$, Lite$_{\text{horn}}$", "Tₘₐₓ, Lite_horn"),
        (r"$\log{x}$", "log x"),
        (r"$x^{n+1}_{i}$", "xⁿ⁺¹ᵢ"),
        (r"$MV_{Hybrid}$, $F_{ZS}$, $x_{i,j}$", "MV_Hybrid, F_ZS, x_(i,j)"),
        (r"$\sum_{i=1}^n x_i$", "∑ᵢ₌₁ⁿ xᵢ"),
        (r"$90^\circ$ and $90^{\circ}$", "90° and 90°"),
        (r"$\hat{x}$, $\bar y$, $\vec{v}$", "x̂, ȳ, v⃗"),
        (r"$f'(x)$ and $\|x\|$", "f′(x) and ‖x‖"),
        (r"$\{a, b\}$", "{a, b}"),
        (r"$\left(\frac12\right)^n$", "(1/2)ⁿ"),
        (r"$\text{R}^2$ or $\mathrm{R}^2$", "R² or R²"),
        (r"$\textbf{S}$calable $\textit{CTR-Sink}$", "Scalable CTR-Sink"),
        (r"1990$\unicode{x2013}$2000", "1990–2000"),
        (r"\(x_1\) and \[y^2\] and $$z$$", "x₁ and y² and z"),
        (r"$x \not= y$, $\not\in$", "x ≠ y, ∉"),
        (r"$\sqrt[3]{x+1}$", "∛(x+1)"),
        (r"$p<0.05$", "p<0.05"),
        (r"$p&lt;0.05$", "p<0.05"),
        (r"$\argmax_\theta f$ $\operatorname{rank}(A)$", "argmax_θ f rank(A)"),
    ]);
}

#[test]
fn what_has_no_readable_form_keeps_its_source() {
    shown_as(&[
        (r"$\overbrace{a}^{b}$", r"$\overbrace{a}^{b}$"),
        (r"$\begin{matrix} a & b \end{matrix}$", r"$\begin{matrix} a & b \end{matrix}$"),
        (r"$\veomni{}$ and \ours{} and \Benchmark", r"$\veomni{}$ and \ours{} and \Benchmark"),
        (r"see \cite{knuth}", r"see \cite{knuth}"),
        (r"$x^2", "$x²"),
        (r"\textbf open", r"\textbf open"),
        (r"C:\path", r"C:\path"),
        (r"end \", r"end \"),
        (r"{BERT} and {a, b} and }{", "{BERT} and {a, b} and }{"),
        (r"\[1\] in brackets", r"\[1\] in brackets"),
    ]);
}

#[test]
fn prices_are_not_formulas() {
    shown_as(&[
        ("between $5 and $10", "between $5 and $10"),
        ("caused $67 billion in losses; US$5, US$6", "caused $67 billion in losses; US$5, US$6"),
        ("$5-$10", "$5-$10"),
        (r"at a cost of \$1.", "at a cost of $1."),
        (r"from \$5 to \$10", "from $5 to $10"),
        ("A$AP and Ke$ha", "A$AP and Ke$ha"),
        ("GPT$-$4", "GPT-4"),
    ]);
}

#[test]
fn accents_become_letters() {
    shown_as(&[
        (r#"Erd\"os, B\"{u}chi, G{\"o}del"#, "Erdös, Büchi, Gödel"),
        (r"caf\'e, Andr\'{e}, Pok{\'e}mon", "café, André, Pokémon"),
        (r"Fran\c{c}ois \c Ca\u{g}lar", "François Çağlar"),
        (r"Ho\v{s}ek, P\'al Erd\H{o}s", "Hošek, Pál Erdős"),
        (r"Gau\ss, Stra{\ss}e, Gau\ss{}", "Gauß, Straße, Gauß"),
        (r"S{\o}ren \AA ngstr\o m", "Søren Ångstrøm"),
        (r#"na\"\i ve"#, "naïve"),
        (r"Mart{\'\i}nez, {\L}ukasz", "Martínez, Łukasz"),
        (r"\~nu\~nez \^o \`a \=a \.z", "ñuñez ô à ā ż"),
        (r"it\'s, don\'t, we\'re", "it's, don't, we're"),
    ]);
}

#[test]
fn styles_go_and_their_words_stay() {
    shown_as(&[
        (r"\textit{x} and \emph{very \textbf{deep}}", "x and very deep"),
        (r"\textbf{C}hain \textbf{o}f", "Chain of"),
        (r"{\it in vivo} {\bf bold}", "in vivo bold"),
        (r"\href{https://x.org/a_b}{\textcolor{cyan}{here}}", "here"),
        (r"\url{https://x.org/~a_b^2}", "https://x.org/~a_b^2"),
        (r"1\textsuperscript{st}, H\textsubscript{2}", "1ˢᵗ, H₂"),
        (r"full 360{\deg}, ({\sigma}, {\mu})", "full 360°, (σ, μ)"),
        (r"(1)~\ding{182} unified, \ding{51}", "(1) ❶ unified, ✓"),
        (r"how \verb|Llama-3.2_1B| works, \verb|open", r"how Llama-3.2_1B works, \verb|open"),
        (r"mAP\@0.5, etc.\@ so", "mAP@0.5, etc. so"),
        (r"\ie, \LaTeX{} and \S 3", "i.e., LaTeX and § 3"),
        (r"33.5\% \& \#1 a\_b", "33.5% & #1 a_b"),
        (r"R^2 and 10^7 and 10^{-3}", "R² and 10⁷ and 10⁻³"),
    ]);
}

#[test]
fn quotes_dashes_and_ties_are_typeset() {
    shown_as(&[
        ("``Annotating Disaster''", "“Annotating Disaster”"),
        ("a `stylization gap' between", "a ‘stylization gap’ between"),
        ("the `don't' rule", "the ‘don't’ rule"),
        ("`code` and 5''", "`code` and 5''"),
        ("pages 3--7 --- see", "pages 3–7 — see"),
        ("run --help or -- -->", "run --help or – -->"),
        ("PAN~2024, Subtask~II, Fig.~3", "PAN 2024, Subtask II, Fig. 3"),
        ("(~5%), 3~5, a ~ b", "(~5%), 3~5, a ~ b"),
        ("https://x.org/~bob/a--b_c^2 x", "https://x.org/~bob/a--b_c^2 x"),
    ]);
}
