#include "backend/report/report_html.h"

#include <fmt/format.h>

#include "backend/report/report_content.h"
#include "backend/report/svg_chart.h"

namespace netwright {

namespace {

// The designer's own colours (designer/theme/theme.cpp), so that the page and the window look alike.
constexpr const char* page_style = R"css(
:root{color-scheme:light dark;--page:#f4f5f7;--card:#fff;--line:#d6dae1;--grid:#e2e5ea;--text:#1b2029;--muted:#586172;
--accent:#3652c9;--on-accent:#fff;--warn-back:#fbf1dd;--warn:#7a4a00;--wrong:#d1480f;
--s0:#3652c9;--s1:#d1480f;--s2:#0b8266;--s3:#4f0e8a;--s4:#f153aa;--s5:#7a4406;--s6:#4b96b8;--s7:#a264f6;--s8:#1d2746;
--s9:#5c5a66}
@media (prefers-color-scheme:dark){:root{--page:#17191e;--card:#1f2228;--line:#363b45;--grid:#2b2f37;--text:#e4e7ec;
--muted:#a2aab8;--accent:#8fa8ff;--on-accent:#0e1530;--warn-back:#33291a;--warn:#efb65a;--wrong:#ff9b66;
--s0:#8fa8ff;--s1:#ff9b66;--s2:#4fc7a5;--s3:#a56cf2;--s4:#f5dc3c;--s5:#856948;--s6:#3884a5;--s7:#bad2f9;--s8:#77fcbb;
--s9:#c18434}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);
font:15px/1.55 Inter,"Segoe UI",system-ui,-apple-system,"Helvetica Neue",Arial,sans-serif;
font-feature-settings:"cv11","ss03";-webkit-text-size-adjust:100%}
.sheet{max-width:1080px;margin:0 auto;padding:48px 28px 72px}
header{margin-bottom:28px}
h1{font-size:34px;line-height:1.15;letter-spacing:-.022em;font-weight:680;margin:0 0 8px;overflow-wrap:anywhere}
.subtitle{font-size:17px;margin:0;color:var(--text)}
.made{color:var(--muted);margin:4px 0 0;font-size:13.5px;overflow-wrap:anywhere}
nav{display:flex;flex-wrap:wrap;gap:6px 20px;margin:20px 0 0;padding:12px 0 0;border-top:1px solid var(--line);
font-size:13.5px}
nav a{color:var(--accent);text-decoration:none}
nav a:hover{text-decoration:underline}
.warning{background:var(--warn-back);color:var(--warn);border-radius:8px;padding:11px 16px;margin:20px 0 0;font-size:14px}
section{margin-top:52px}
h2{font-size:22px;letter-spacing:-.014em;font-weight:650;margin:0 0 4px}
.sentence{color:var(--muted);margin:0 0 18px;max-width:72ch}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(176px,1fr));gap:12px;margin:16px 0}
.card,figure,.table,.note{background:var(--card);border:1px solid var(--line);border-radius:10px}
.card{padding:14px 16px 13px}
.card .title{color:var(--muted);font-size:13px}
.card .value{font-size:25px;line-height:1.25;font-weight:620;letter-spacing:-.018em;font-variant-numeric:tabular-nums;
margin:2px 0 3px;overflow-wrap:anywhere}
.card .about{color:var(--muted);font-size:12.5px;line-height:1.42}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:12px;margin:12px 0}
figure{margin:0;padding:14px 16px 12px;min-width:0}
figcaption,.table h3,.note h3{font-size:14px;font-weight:620;margin:0 0 8px}
.legend{display:flex;flex-wrap:wrap;gap:2px 16px;margin:0 0 6px;font-size:12.5px;color:var(--muted);
font-variant-numeric:tabular-nums}
.legend span::before{content:"";display:inline-block;width:12px;height:3px;border-radius:2px;background:var(--ink);
margin-right:6px;vertical-align:middle}
figure .after,.table .after{color:var(--muted);font-size:12.5px;margin:8px 0 2px;max-width:90ch}
svg{display:block;width:100%;height:auto;overflow:visible}
svg.matrix{margin:0 auto}
svg text{font-family:inherit;font-size:11.5px;fill:var(--muted);font-variant-numeric:tabular-nums}
svg text.name{fill:var(--text);font-size:12px}
svg .grid{stroke:var(--grid);stroke-width:1}
svg .axis{stroke:var(--line);stroke-width:1}
svg .guess{stroke:var(--muted);stroke-width:1;stroke-dasharray:3 4;opacity:.7}
svg .line{fill:none;stroke-width:1.9;stroke-linejoin:round;stroke-linecap:round;stroke:var(--ink)}
svg .faint{stroke-width:1;opacity:.32}
svg .mark{fill:var(--ink);stroke:var(--card);stroke-width:1}
svg .track{fill:var(--grid)}
svg .bar{fill:var(--ink)}
svg .cell{fill:var(--grid);opacity:.55}
svg .right{fill:var(--accent)}
svg .wrong{fill:var(--wrong)}
svg text.count{fill:var(--text);font-size:10.5px}
svg text.strong{fill:var(--on-accent)}
.s0{--ink:var(--s0)}.s1{--ink:var(--s1)}.s2{--ink:var(--s2)}.s3{--ink:var(--s3)}.s4{--ink:var(--s4)}
.s5{--ink:var(--s5)}.s6{--ink:var(--s6)}.s7{--ink:var(--s7)}.s8{--ink:var(--s8)}.s9{--ink:var(--s9)}
.table{padding:14px 16px 10px;margin:12px 0}
.charts .table{margin:0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums}
th{color:var(--muted);font-weight:500;text-align:right;padding:4px 14px 6px 0;vertical-align:bottom;
border-bottom:1px solid var(--line)}
td{padding:5px 14px 5px 0;border-bottom:1px solid var(--grid);text-align:right;white-space:nowrap}
th.words,td.words{text-align:left}
td.words{white-space:normal;overflow-wrap:anywhere;min-width:9ch}
th:last-child,td:last-child{padding-right:0}
tr:last-child td{border-bottom:0}
tr.sum td{font-weight:600}
tr.sum.first td{border-top:1px solid var(--line)}
.facts td:first-child{color:var(--muted);width:11em}
.note{padding:12px 16px;margin:12px 0;color:var(--muted);font-size:13.5px}
.note h3{color:var(--text);margin-bottom:2px}
.note p{margin:0;max-width:90ch}
footer{margin-top:56px;padding-top:14px;border-top:1px solid var(--line);color:var(--muted);font-size:12.5px}
@media (max-width:620px){.sheet{padding:28px 16px 48px}h1{font-size:27px}.cards{grid-template-columns:1fr 1fr}
.card .value{font-size:21px}}
@media print{:root{color-scheme:light;--page:#fff;--card:#fff;--line:#cfd3da;--grid:#e6e8ec;--text:#000;--muted:#444;
--accent:#3652c9;--on-accent:#fff;--warn-back:#fff;--warn:#7a4a00;--wrong:#d1480f;--s0:#3652c9;--s1:#d1480f;--s2:#0b8266;
--s3:#4f0e8a;--s4:#f153aa;--s5:#7a4406;--s6:#4b96b8;--s7:#a264f6;--s8:#1d2746;--s9:#5c5a66}
body{font-size:11pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}.sheet{max-width:none;padding:0}
nav{display:none}section{margin-top:26px}h2{break-after:avoid}.sentence{break-after:avoid}.card,figure,.note,.charts .table,tr{break-inside:avoid}
.scroll{overflow:visible}td{white-space:normal}.charts{grid-template-columns:1fr 1fr}}
)css";

std::string heading(const std::string& title) {
  return title.empty() ? std::string() : fmt::format("<h3>{}</h3>", escaped(title));
}

std::string after(const std::string& note) {
  return note.empty() ? std::string() : fmt::format("<p class=\"after\">{}</p>", escaped(note));
}

std::string html_of(const ReportCards& cards) {
  std::string html = "<div class=\"cards\">";
  for (const ReportCard& card : cards.cards) {
    html += fmt::format(
        "<div class=\"card\"><div class=\"title\">{}</div><div class=\"value\">{}</div>"
        "<div class=\"about\">{}</div></div>\n",
        escaped(card.title), escaped(card.value), escaped(card.note));
  }
  return html + "</div>";
}

std::string html_of(const ReportTable& table) {
  std::string html = fmt::format("<div class=\"table\">{}<div class=\"scroll\"><table", heading(table.title));
  bool has_titles = false;
  for (const ReportColumn& column : table.columns) has_titles = has_titles || !column.title.empty();
  html += has_titles ? "><thead><tr>" : " class=\"facts\">";
  if (has_titles) {
    for (const ReportColumn& column : table.columns) {
      html +=
          fmt::format("<th scope=\"col\"{}>{}</th>", column.is_number ? "" : " class=\"words\"", escaped(column.title));
    }
    html += "</tr></thead>";
  }
  html += "<tbody>";
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const std::size_t left = table.rows.size() - i;
    html += left > table.summary_rows    ? "<tr>"
            : left == table.summary_rows ? "<tr class=\"sum first\">"
                                         : "<tr class=\"sum\">";
    for (std::size_t column = 0; column < table.rows[i].size(); ++column) {
      const bool is_number = column < table.columns.size() && table.columns[column].is_number;
      html += fmt::format("<td{}>{}</td>", is_number ? "" : " class=\"words\"", escaped(table.rows[i][column]));
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>" + after(table.note) + "</div>";
}

std::string html_of(const ReportChart& chart) {
  std::string legend;
  for (const ReportSeries& series : chart.series) {
    if (series.name.empty() || series.is_faint) continue;
    legend += fmt::format("<span class=\"s{}\">{}</span>", series.colour % 10, escaped(series.name));
  }
  // One line alone is named by the title.
  if (chart.series.size() == 1) legend.clear();
  if (!legend.empty()) legend = "<div class=\"legend\">" + legend + "</div>";
  return fmt::format("<figure><figcaption>{}</figcaption>{}{}{}</figure>", escaped(chart.title), legend, svg_of(chart),
                     after(chart.note));
}

template <class Drawing>
std::string figure_html(const Drawing& drawing) {
  return fmt::format("<figure><figcaption>{}</figcaption>{}</figure>", escaped(drawing.title), svg_of(drawing));
}

std::string html_of(const ReportBars& bars) {
  return figure_html(bars);
}
std::string html_of(const ReportMatrix& matrix) {
  return figure_html(matrix);
}

std::string html_of(const ReportNote& note) {
  return fmt::format("<div class=\"note\">{}<p>{}</p></div>", heading(note.title), escaped(note.text));
}

std::string html_of(const ReportSection& section) {
  std::string html = fmt::format("<section id=\"{}\"><h2>{}</h2>\n", section.id, escaped(section.title));
  if (!section.sentence.empty()) html += fmt::format("<p class=\"sentence\">{}</p>\n", escaped(section.sentence));
  bool is_among_charts = false;
  for (const ReportBlock& block : section.blocks) {
    // Drawings that follow each other stand side by side.
    if (stands_beside_others(block) != is_among_charts) {
      is_among_charts = !is_among_charts;
      html += is_among_charts ? "<div class=\"charts\">\n" : "</div>\n";
    }
    html += std::visit([](const auto& part) { return html_of(part); }, block) + "\n";
  }
  return html + (is_among_charts ? "</div>\n" : "") + "</section>\n";
}

}  // namespace

std::string report_html(const RunReport& report) {
  const ReportContent content = content_of(report);
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      "<title>{} – Netwright</title>\n<style>{}</style>\n</head>\n<body>\n<div "
      "class=\"sheet\">\n<header>\n<h1>{}</h1>\n"
      "<p class=\"subtitle\">{}</p>\n<p class=\"made\">{}</p>\n",
      escaped(content.title), page_style, escaped(content.title), escaped(content.subtitle), escaped(content.made));
  if (!content.warning.empty()) html += fmt::format("<p class=\"warning\">{}</p>\n", escaped(content.warning));
  html += "<nav>";
  for (const ReportSection& section : content.sections) {
    html += fmt::format("<a href=\"#{}\">{}</a>", section.id, escaped(section.title));
  }
  html += "</nav>\n</header>\n";
  for (const ReportSection& section : content.sections) html += html_of(section);
  return html + fmt::format("<footer>Made by Netwright on {}.</footer>\n</div>\n</body>\n</html>\n",
                            escaped(date_words(report.run.made)));
}

}  // namespace netwright
