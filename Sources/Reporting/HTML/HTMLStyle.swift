/// How the page looks: on a wide screen, on a small one, in the dark and on paper.
///
/// Colours only repeat what words say. Each pair of text and ground has a contrast of 4.5 or more.
enum HTMLStyle {
  static let sheet: StaticString = """

    :root { color-scheme: light dark; --text: #1b1f24; --soft: #57606a; --ground: #ffffff; --panel: #f6f8fa;
      --line: #d0d7de; --link: #0550ae; --passed: #116329; --failed: #b3121d; --errored: #8a4600;
      --warned: #7a5200; --waived: #6639ba; --skipped: #57606a; --one: #0a6c9e; --two: #b35900;
      --mark: #fff3bf; }
    @media (prefers-color-scheme: dark) {
      :root { --text: #e6edf3; --soft: #9aa5b1; --ground: #0d1117; --panel: #161b22; --line: #3d444d;
        --link: #79b8ff; --passed: #57d273; --failed: #ff8078; --errored: #f0a45d; --warned: #e3b341;
        --waived: #c4a4ff; --skipped: #9aa5b1; --one: #58b4e8; --two: #f0a45d; --mark: #4a3c05; }
    }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
    body { margin: 0 auto; max-width: 76rem; padding: 1.5rem 1.25rem 3rem; background: var(--ground);
      color: var(--text); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif;
      overflow-wrap: anywhere; }
    h1 { font-size: 1.6rem; line-height: 1.3; margin: 0 0 .4rem; }
    h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; padding-bottom: .3rem;
      border-bottom: 2px solid var(--line); }
    h3 { font-size: 1.05rem; margin: 1.5rem 0 .6rem; }
    h4 { font-size: 1rem; margin: 0; }
    p { margin: .5rem 0; }
    a { color: var(--link); }
    a:focus-visible, summary:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
    code, pre, .id { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono",
      monospace; font-size: .9em; }
    code, .id, td, th, li, dd { unicode-bidi: isolate; }
    td code, th code { white-space: pre-wrap; }
    th { overflow-wrap: break-word; }
    th code, th .id { display: inline-block; min-width: min(15rem, 38vw); overflow-wrap: anywhere; }
    td a[href^="#L"] { white-space: nowrap; }
    pre { margin: .25rem 0 .75rem; padding: .6rem .75rem; background: var(--panel);
      border: 1px solid var(--line); border-radius: 4px; white-space: pre-wrap; }
    ul { margin: .25rem 0 .75rem; padding-left: 1.4rem; }
    .counts { font-size: 1.1rem; margin: 0 0 .75rem; }
    .small { color: var(--soft); font-size: .9rem; }
    .label { font-weight: 600; margin-bottom: 0; }
    .alert { border-left: 4px solid var(--errored); background: var(--panel); padding: .5rem .75rem; }
    .badge { display: inline-block; padding: 0 .45em; border: 2px solid currentColor;
      border-radius: 4px; font-weight: 700; font-size: .8em; line-height: 1.5; white-space: nowrap; }
    h1 .badge { font-size: .9em; }
    .badge.passed { color: var(--passed); border-width: 1px; }
    .badge.failed { color: var(--failed); }
    .badge.errored { color: var(--errored); border-style: dashed; }
    .badge.open { color: var(--errored); border-style: dotted; }
    .badge.warned { color: var(--warned); }
    .badge.waived { color: var(--waived); border-style: double; border-width: 4px; line-height: 1.2; }
    .badge.skipped { color: var(--skipped); border-style: dotted; }
    nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; list-style: none; margin: 1rem 0 0;
      padding: .6rem .75rem; background: var(--panel); border: 1px solid var(--line);
      border-radius: 4px; }
    .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr));
      gap: .5rem 1.5rem; margin: 0; }
    .facts dt { color: var(--soft); font-size: .85rem; }
    .facts dd { margin: 0; }
    .scroll { overflow-x: auto; margin: .5rem 0 1rem; }
    table { border-collapse: collapse; width: 100%; }
    caption { text-align: left; color: var(--soft); font-size: .9rem; padding-bottom: .25rem; }
    th, td { text-align: left; vertical-align: top; padding: .35rem .6rem;
      border: 1px solid var(--line); }
    thead th { background: var(--panel); font-size: .9rem; }
    tbody th { font-weight: 600; }
    .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
    svg { display: block; }
    .outcomes { width: 100%; height: .9rem; border-radius: 4px; overflow: hidden;
      background: var(--line); }
    .bar { width: 100%; min-width: 4rem; height: .8rem; margin-top: .35rem; background: var(--panel); }
    .words td:not(.n) { min-width: 6.5rem; }
    .pair { height: 1.3rem; margin-top: .1rem; }
    .fill { fill: var(--one); stroke: var(--ground); stroke-width: .2; }
    .fill.two { fill: var(--two); }
    .fill.passed { fill: var(--passed); }
    .fill.failed, .fill.bad { fill: var(--failed); }
    .fill.errored { fill: var(--errored); }
    .fill.warned { fill: var(--warned); }
    .fill.waived { fill: var(--waived); }
    .fill.skipped { fill: var(--skipped); }
    details { margin: .5rem 0; }
    summary { cursor: pointer; }
    summary h3, summary h4 { display: inline; }
    section > .check { border: 1px solid var(--line); border-left: 5px solid var(--skipped);
      border-radius: 4px; padding: .6rem .75rem; }
    .check.failed { border-left-color: var(--failed); }
    .check.errored { border-left-color: var(--errored); }
    .check.warned { border-left-color: var(--warned); }
    .check.waived { border-left-color: var(--waived); }
    .message { display: block; margin: .25rem 0 0 1.1rem; }
    .body { padding-left: 1.1rem; }
    .suite { border-bottom: 1px solid var(--line); margin: 0; padding: .4rem 0; }
    .suite h3 { margin: 0; }
    .cases { list-style: none; padding-left: 1.1rem; }
    .cases > li { margin: .3rem 0; }
    .spec { padding: .6rem 0; }
    .l { display: block; padding: 0 .75rem 0 4.5rem; text-indent: -3.75rem; unicode-bidi: plaintext; }
    .l b { display: inline-block; width: 3.25rem; padding-right: .5rem; text-indent: 0;
      text-align: right; font-weight: 400; color: var(--soft); user-select: none; }
    :target { background: var(--mark); scroll-margin-top: 1rem; }
    footer { margin-top: 2.5rem; border-top: 2px solid var(--line); color: var(--soft); }
    @media (max-width: 40rem) {
      body { padding: 1rem .75rem 2rem; }
      h1 { font-size: 1.3rem; }
      .body, .cases { padding-left: .25rem; }
      .message { margin-left: 0; }
      th, td { padding: .3rem .4rem; font-size: .9rem; }
      .bar { min-width: 2.5rem; }
      .l { padding-left: 3.25rem; text-indent: -2.75rem; }
      .l b { width: 2.25rem; }
    }
    @media print {
      :root { --text: #000; --soft: #333; --ground: #fff; --panel: #fff; --line: #888; --link: #000;
        --passed: #0b4a1d; --failed: #8f0e17; --errored: #6b3600; --warned: #5c3e00; --waived: #4a2a8a;
        --skipped: #333; --one: #0a5a84; --two: #8a4500; --mark: #fff; color-scheme: light; }
      body { max-width: none; padding: 0; font-size: 10pt; }
      nav { display: none; }
      a { text-decoration: none; }
      .scroll { overflow: visible; }
      .words td:not(.n) { min-width: 0; }
      .bar { min-width: 2rem; }
      th, td { padding: .2rem .35rem; font-size: 9pt; }
      svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
      h2, h3, h4, summary { break-after: avoid; }
      tr, .l { break-inside: avoid; }
      thead { display: table-header-group; }
      /* What is folded on a screen is read on paper; statements are not, there are too many. */
      details:not(.sql)::details-content { content-visibility: visible; display: block;
        block-size: auto; }
    }

    """
}
