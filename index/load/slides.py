"""PowerPoint: a slide is a page; its title is a heading; then text, tables, chart data and speaker notes."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

from index.load.archive import check_office
from index.load.draft import Builder, Draft, Outline
from index.load.tables import is_headed

if TYPE_CHECKING:
    from pptx.shapes.base import BaseShape

_DEFAULT_TITLES = {"powerpoint presentation", "presentation"}


def load(data: bytes) -> Draft:
    check_office(data)
    from pptx import Presentation

    presentation = Presentation(BytesIO(data))
    builder = Builder()
    for page, slide in enumerate(presentation.slides, start=1):
        builder.outline = Outline()
        title = slide.shapes.title
        if title is not None and title.has_text_frame:
            builder.heading(title.text_frame.text, 1, page)
        for shape in _flat(slide.shapes):
            if title is None or shape.shape_id != title.shape_id:
                _shape(builder, shape, page)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            for paragraph in slide.notes_slide.notes_text_frame.text.split("\n"):
                builder.paragraph(paragraph, page, "Speaker notes")
    title_property = presentation.core_properties.title or ""
    named = "" if title_property.lower() in _DEFAULT_TITLES else title_property
    return builder.draft(named or builder.first_heading())


def _flat(shapes: Any) -> Iterator[BaseShape]:
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _flat(shape.shapes)
        elif not (shape.is_placeholder and _is_furniture(shape)):
            yield shape


def _is_furniture(shape: BaseShape) -> bool:
    from pptx.enum.shapes import PP_PLACEHOLDER as KIND

    return shape.placeholder_format.type in (KIND.SLIDE_NUMBER, KIND.DATE, KIND.FOOTER)


def _shape(builder: Builder, shape: Any, page: int) -> None:
    if getattr(shape, "has_table", False):
        rows = [[cell.text for cell in row.cells if not cell.is_spanned] for row in shape.table.rows]
        builder.table(rows, headed=shape.table.first_row or is_headed(rows), page=page)
    elif getattr(shape, "has_chart", False):
        _chart(builder, shape.chart, page)
    elif shape.has_text_frame:
        for paragraph in shape.text_frame.paragraphs:
            builder.paragraph(paragraph.text.replace("\v", "\n"), page)


def _chart(builder: Builder, chart: Any, page: int) -> None:
    caption = chart.chart_title.text_frame.text if chart.has_title and chart.chart_title.has_text_frame else ""
    for plot in chart.plots:
        rows = [["", *(series.name for series in plot.series)]]
        columns = [series.values for series in plot.series]
        for number, category in enumerate(plot.categories):
            values = [column[number] if number < len(column) else None for column in columns]
            rows.append([str(category), *("" if value is None else f"{value:.12g}" for value in values)])
        builder.table(rows, headed=True, caption=caption, page=page)
