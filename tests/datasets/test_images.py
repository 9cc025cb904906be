"""Image files as a person sees them: formats, depths, channels, orientation; against Pillow."""

import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageOps

from kerasrnn.checks import UserError
from kerasrnn.datasets import has_images, labelled_images
from kerasrnn.datasets.readers.image_decoding import decode_image, image_array, read_image
from kerasrnn.datasets.readers.image_files import is_image_name
from kerasrnn.datasets.readers.image_orientation import orientation

HEIGHT, WIDTH = 7, 5
RNG = np.random.default_rng(1)
PIXELS = RNG.integers(0, 256, (HEIGHT, WIDTH, 4), "uint8")
PIXELS[..., 3] = RNG.choice([0, 128, 255], (HEIGHT, WIDTH))
ORIENTATION = 0x0112


def encoded(image, form, **options):
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def as_seen(content, mode):
    """What a viewer shows: upright, on white."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    if image.has_transparency_data:
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    array = np.asarray(image.convert(mode)).astype(int)
    return array[..., None] if array.ndim == 2 else array


CASES = {
    f"{form} {mode}": (form, mode, options)
    for form, modes, options in [
        ("PNG", ("1", "L", "LA", "P", "RGB", "RGBA"), {}),
        ("GIF", ("L", "P", "RGB", "RGBA"), {}),
        ("BMP", ("1", "L", "P", "RGB", "RGBA"), {}),
        ("WEBP", ("L", "RGB", "RGBA"), {"lossless": True}),
        ("TIFF", ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK"), {}),
        ("JPEG2000", ("L", "RGB", "RGBA"), {}),
        ("PPM", ("1", "L", "RGB"), {}),
        ("TGA", ("L", "RGB", "RGBA"), {}),
    ]
    for mode in modes
}


@pytest.mark.parametrize("case", CASES)
def test_every_format_looks_as_a_viewer_shows_it(case, tmp_path):
    form, mode, options = CASES[case]
    content = encoded(Image.fromarray(PIXELS, "RGBA").convert(mode), form, **options)
    (tmp_path / "image").write_bytes(content)
    image = read_image(tmp_path / "image")
    assert image.dtype == np.uint8 and image.shape[:2] == (HEIGHT, WIDTH)
    grey = image.shape[-1] == 1
    assert grey == (mode in ("1", "L", "LA") and form not in ("GIF", "WEBP"))
    assert np.abs(image - as_seen(content, "L" if grey else "RGB")).max() <= 1
    for channels, kind in ((1, "L"), (3, "RGB")):
        image = image_array(content, (HEIGHT, WIDTH, channels))
        assert np.abs(image - as_seen(content, kind)).max() <= 2  # weights of colours are rounded
        assert image_array(tmp_path / "image", (HEIGHT, WIDTH, channels)).tolist() == image.tolist()


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_photographs_are_close(mode, tmp_path):
    smooth = Image.fromarray(PIXELS[..., :3]).resize((41, 31), Image.Resampling.BICUBIC)
    content = encoded(smooth.convert(mode), "JPEG", quality=95)
    (tmp_path / "image.JPG").write_bytes(content)
    image = read_image(tmp_path / "image.JPG")
    expected = as_seen(content, "L" if mode == "L" else "RGB")
    assert image.shape == expected.shape and np.abs(image - expected).mean() < 4


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_shades_of_more_than_eight_bits(form, tmp_path):
    shades = np.linspace(0, 65535, HEIGHT * WIDTH).reshape(HEIGHT, WIDTH).astype("uint16")
    (tmp_path / "image").write_bytes(encoded(Image.fromarray(shades), form))
    image = read_image(tmp_path / "image")
    assert np.abs(image[..., 0] - shades / 257).max() <= 1
    (tmp_path / "image").write_bytes(
        encoded(Image.fromarray(shades.astype("float32") / 65535), "TIFF")
    )
    assert np.abs(read_image(tmp_path / "image")[..., 0] - shades / 257).max() <= 1


@pytest.mark.parametrize("big_end", [False, True])
@pytest.mark.parametrize("turned", range(1, 9))
def test_photographs_are_upright(turned, big_end, tmp_path):
    exif = Image.Exif()
    exif.endian = ">" if big_end else "<"
    exif[0x010F] = "a camera whose name is long"
    exif[ORIENTATION] = turned
    smooth = Image.fromarray(PIXELS[..., :3]).resize((40, 24), Image.Resampling.BICUBIC)
    content = encoded(smooth, "JPEG", quality=95, exif=exif.tobytes())
    assert int(orientation(tf.constant(content))) == turned
    (tmp_path / "image.jpeg").write_bytes(content)
    image, expected = read_image(tmp_path / "image.jpeg"), as_seen(content, "RGB")
    assert image.shape == expected.shape and np.abs(image - expected).mean() < 4
    for form in ("PNG", "TIFF", "WEBP"):
        if form != "PNG":  # of a PNG few viewers read it
            (tmp_path / "image").write_bytes(encoded(smooth, form, exif=exif.tobytes()))
            assert read_image(tmp_path / "image").shape == expected.shape


def test_the_graph_sees_what_python_sees():
    graph = tf.function(lambda content: decode_image(content, (HEIGHT, WIDTH, 3)))
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    for content in (
        encoded(Image.fromarray(PIXELS, "RGBA"), "PNG"),
        encoded(Image.fromarray(PIXELS, "RGBA").convert("LA"), "PNG"),
        encoded(Image.fromarray(PIXELS[..., :3]), "JPEG", exif=exif.tobytes()),
        encoded(Image.fromarray(PIXELS[..., 0]), "GIF"),
    ):
        expected = image_array(content, (HEIGHT, WIDTH, 3))
        np.testing.assert_array_equal(graph(tf.constant(content)), expected)


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\xff\xd8", b"\xff\xd8Exif\0\0MM\0*\0\0\0\x08\xff\xff"),
        b"\xff\xd8\xff\xe1\0\x20Exif\0\0II*\0\xff\xff\xff\xff",
    ],
)
def test_an_orientation_that_is_not_there_is_upright(content):
    assert int(orientation(tf.constant(content))) == 1


@pytest.mark.parametrize(
    "content", [b"", b"no image", b"\x89PNG no", b"\xff\xd8 no", b"GIF8", b"RIFF\0\0\0\0WEBP no"]
)
def test_what_is_no_image(content, tmp_path):
    (tmp_path / "image.webp").write_bytes(content)
    with pytest.raises(UserError, match="image.webp: expected an image of a usual format"):
        read_image(tmp_path / "image.webp")
    with pytest.raises(UserError, match="bytes of an image: expected an image"):
        image_array(content, (HEIGHT, WIDTH, 3))


@pytest.mark.parametrize("ending", ["webp", "TIF", "jpeg", "bmp", "avif", "JPG"])
def test_a_table_of_images_is_no_table_of_texts(ending, tmp_path):
    form = {"TIF": "TIFF", "JPG": "JPEG"}.get(ending, ending)
    for i in range(2):
        Image.new("RGB", (8, 6), (i * 200,) * 3).save(tmp_path / f"{i}.{ending}", form)
    lines = [f"{i % 2}.{ending}\t{'light' if i % 2 else 'dark'}" for i in range(20)]
    for header in ([], ["image\tlabel"]):
        (tmp_path / "a.tsv").write_text("\n".join([*header, *lines]))
        assert has_images(tmp_path / "a.tsv")
        images = labelled_images(tmp_path / "a.tsv", None)
        assert images.element_spec[0].shape == (6, 8, 3)
        found = [(int(image.mean() > 100), name) for image, name in images.as_numpy_iterator()]
        assert found == [(i % 2, b"light" if i % 2 else b"dark") for i in range(20)]
    (tmp_path / "texts.tsv").write_text(f"I saw it in holiday.{ending}\tyes\nNo.\tno\n")
    assert not has_images(tmp_path / "texts.tsv")


def test_names_of_images():
    assert all(map(is_image_name, ["a.PNG", "b/c.webp", "d.e.Tiff", "f.heic"]))
    assert not any(map(is_image_name, ["png", "a.txt", "It ended.", "", "a.png.txt"]))


def test_images_of_another_size_get_that_of_the_model(tmp_path):
    Image.new("L", (31, 17), 7).save(tmp_path / "0.png")
    (tmp_path / "a.tsv").write_text("0.png\tdark\n")
    images = labelled_images(tmp_path / "a.tsv", None, image_shape=(5, 3, 3))
    ((image, _),) = images.as_numpy_iterator()
    assert image.shape == (5, 3, 3) and (image == 7).all()
