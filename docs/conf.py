"""How Sphinx builds the site: `make docs` writes it to docs/_build/html."""

import os
import pathlib
import re
from inspect import signature

from docutils.nodes import SkipNode, literal
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import inspect

import kerasrnn

project = "kerasrnn"
author = copyright = "The kerasrnn authors"
version = release = kerasrnn.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
nitpicky = True
# Names of other packages are not links, nor are those of modules that are not public.
nitpick_ignore_regex = [("py:.*", r"(?!kerasrnn\.\w+(\.\w+)?$).*")]

html_theme = "furo"
html_title = f"kerasrnn {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
html_math_renderer = "mathml"
pygments_style, pygments_dark_style = "a11y-high-contrast-light", "a11y-high-contrast-dark"

myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3

# Docstrings have names, shapes and values in single backticks.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_inherit_docstrings = False  # those of Keras are Markdown
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
autodoc_default_options = {
    "members": True,
    "exclude-members": "build, compute_mask, compute_output_shape, compute_output_spec, "
    "from_config, get_config",
}
python_maximum_signature_line_length = 70
python_use_unqualified_type_names = True
python_display_short_literal_types = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
napoleon_custom_sections = [("Call arguments", "params_style")]
toc_object_entries_show_parents = "hide"

DOCS = pathlib.Path(__file__).parent
INCLUDE = re.compile(r"^```{include} (\S+)\n```$", re.M)
MARKED = re.compile(
    r"Annotated\[((?:[^\[\]]|\[[^\[\]]*\])*?)(?:, (?:[A-Z_]+|Unrecorded\([^()]*\)))+\]"
)
FORMULA = re.compile(r"\$([^$\n]+\n?[^$\n]*)\$")  # on one line or two
LINK = re.compile(r"\]\((?!\w+:)([^)\s#]+)(#[^)\s]*|)\)")


def whole_page(app, name, source):
    """Puts in what a page includes, and makes links to files outside of `docs` downloads."""
    page = pathlib.Path(app.srcdir, f"{name}.md")

    def included(match):
        file = page.parent / match[1]
        return LINK.sub(lambda link: moved(link, file, page), file.read_text(encoding="utf-8"))

    text = LINK.sub(lambda link: moved(link, page, page), source[0])
    source[0] = INCLUDE.sub(included, text)


def moved(link, file, page):
    """Makes a link of a file one of the page that the file's text is put into."""
    target = file.parent / link[1]
    if not target.exists():
        return link[0]
    path = os.path.relpath(target, page.parent)
    is_page = target.suffix != ".md" or ".." not in os.path.relpath(target, DOCS)
    return f"]({path if is_page else f'path:{path}'}{link[2]})"


def as_restructured_text(app, what, name, thing, options, lines):
    """Turns Markdown in docstrings, such as `$x$` and `Tokenizer`s, into what Sphinx reads.

    Examples stay as they are. A constant has no docstring: Sphinx would take that of its type.
    """
    if what == "data":
        lines[:] = []
        return
    if what == "property":
        lines[:0] = ["..", ""]  # or napoleon would take what precedes a colon for its type
    lines[:] = FORMULA.sub(as_role, "\n".join(lines)).split("\n")
    for number, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            # An option as code: elsewhere two hyphens are a dash.
            line = re.sub(r"(`[^`]*`)|(--[a-z][a-z-]*)", option_as_code, line)
            lines[number] = re.sub(r"(`[^`]*`)(?=\w)|(`[^`]*`)", separated, line)


def as_role(match):
    """Makes a formula a role, on one line."""
    return f":math:`{' '.join(match[1].split())}`"


def option_as_code(match):
    """Puts an option into backticks that has none."""
    return match[1] or f"`{match[2]}`"


def separated(match):
    """Ends a word in backticks before the letters that follow it."""
    return f"{match[1]}\\ " if match[1] else match[2]


def mark_long_code(app, doctree):
    """Gives code a class where one of its words is wider than a list on a phone."""
    for code in doctree.findall(literal):
        if max(map(len, code.astext().split()), default=0) > 34:
            code["classes"].append("long")


def own_arguments(app, what, name, thing, options, arguments, returned):
    """Gives a layer the arguments of its constructor: Keras' `__new__` takes any.

    What options are marked with is of no use to those who give them.
    """
    written = None
    if what == "class" and arguments == "(*args, **kwargs)":
        written = inspect.signature(thing.__init__, bound_method=True)
    elif arguments and " at 0x" in arguments:
        written = signature(thing)  # names of types, not what they stand for
    if written:
        arguments = inspect.stringify_signature(
            written, show_return_annotation=False, unqualified_typehints=True
        )
    if arguments:
        # What a default is made by is no Python: the signature would stay one long text.
        arguments = MARKED.sub(r"\1", arguments).replace("<factory>", "...")
    return arguments, returned


def write_formula(self, node):
    """Writes a formula as MathML, which browsers lay out without a script of another site."""
    is_block = node.tagname == "math_block"
    self.body.append(tex2mathml(node.astext(), as_block=is_block))
    raise SkipNode


def setup(app):
    app.connect("source-read", whole_page)
    app.connect("doctree-read", mark_long_code)
    # Before napoleon, whose priority is 500.
    app.connect("autodoc-process-docstring", as_restructured_text, priority=400)
    app.connect("autodoc-process-signature", own_arguments)
    app.add_html_math_renderer("mathml", (write_formula, None), (write_formula, None))
