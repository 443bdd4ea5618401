"""Shape rules for the ops of image_ops.cc.

An image is ``[height,width,channels]``, a batch of them ``[images,height,width,channels]``.
"""

from __future__ import annotations

from collections.abc import Iterable

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import (
    check_rank,
    checked_dimension_of,
    dimension_from,
    dimension_of,
    known_ints,
    multiply,
    positive_dimension_from,
    shape_from,
)
from pbtool.shapes import SCALAR, UNKNOWN, Dimension, Shape, merge_dimensions

patterns("""
    [S,a,b,c] ; [] ; [] ; [] -> [S,a,b,c]
        AdjustContrast
    [S,a,b,c] ; [] -> [S,a,b,c]
        AdjustContrastv2
    [S,a,b,c] -> [S,a,b,c]
        AdjustHue AdjustSaturation DrawBoundingBoxesV2
    _ ; _ ; S -> S
        CropAndResizeGradBoxes
    [] -> [?,?,?,3]
        DecodeGif
    [?,?,?] -> []
        EncodeJpeg EncodeJpegVariableQuality
    [S,?,?,?] -> S
        EncodePng
    [] -> [3]
        ExtractJpegShape
    [S,3] -> [S,3]
        HSVToRGB RGBToHSV
    [n,4] ; [n] ; [] ; [] ; [] -> [?]
        NonMaxSuppression NonMaxSuppressionV2 NonMaxSuppressionV3
    _ ; S -> S
        ResizeBicubicGrad ResizeBilinearGrad ScaleAndTranslateGrad
    [3] ; [?,?,4] ; [] ; [2] -> [3] ; [3] ; [1,1,4]
        SampleDistortedBoundingBox SampleDistortedBoundingBoxV2 StatelessSampleDistortedBoundingBox
""")

# --- decoding ---


@shape_rule("DecodeBmp DecodeJpeg DecodeJxl DecodePng")
def decode(contents: Fact, *, channels: int) -> Shape:
    """An image of any size."""
    contents.shape.with_rank(0)
    return Shape((None, None, _channels(channels)))


@shape_rule("DecodeAndCropJpeg")
def decode_and_crop_jpeg(contents: Fact, crop_window: Fact, *, channels: int) -> Shape:
    """An image of the window's size, which follows the place of its corner."""
    contents.shape.with_rank(0)
    return _sizes(crop_window, 4, 2) + Shape([_channels(channels)])


@shape_rule("DecodeImage")
def decode_image(contents: Fact, *, channels: int, expand_animations: bool) -> Shape:
    """An image, or else, where the file may be an animation, images."""
    image = decode(contents, channels=channels)
    return UNKNOWN if expand_animations else image


@shape_rule("DecodeWebP")
def decode_webp(contents: Fact, *, channels: int) -> Shape:
    """The images of an animation."""
    return Shape([None]) + decode(contents, channels=channels)


def _channels(channels: int) -> Dimension:
    if channels < 0:
        raise ShapeError(f"an image cannot have {channels} channels")
    return channels or None  # 0: as many as the file has


# --- resizing and cropping ---


@shape_rule("ResizeArea ResizeBicubic ResizeBilinear ResizeNearestNeighbor")
@shape_rule("ResizeNearestNeighborGrad ScaleAndTranslate")
def resize(images: Fact, size: Fact, *others: Fact) -> Shape:
    """Images of a stated size."""
    count, _, _, channels = images.shape.with_rank(4)
    return _images(count, size, channels)


@shape_rule("ImageProjectiveTransformV2 ImageProjectiveTransformV3")
def image_projective_transform(
    images: Fact, transforms: Fact, output_shape: Fact, *others: Fact
) -> Shape:
    """Images of a stated size."""
    return resize(images, output_shape)


@shape_rule("CropAndResize")
def crop_and_resize(image: Fact, boxes: Fact, box_ind: Fact, crop_size: Fact) -> Shape:
    """An image of a stated size for each box."""
    shape = image.shape.with_rank(4)
    count, sides = boxes.shape.with_rank(2)
    merge_dimensions(sides, 4)
    count = merge_dimensions(count, box_ind.shape.with_rank(1)[0])
    return _images(count, crop_size, shape[3])


@shape_rule("CropAndResizeGradImage")
def crop_and_resize_grad_image(grads: Fact, boxes: Fact, box_ind: Fact, image_size: Fact) -> Shape:
    """The stated shape."""
    return shape_from(image_size).with_rank(4)


@shape_rule("ExtractGlimpse ExtractGlimpseV2")
def extract_glimpse(
    input: Fact, size: Fact, offsets: Fact, *, noise: str, uniform_noise: bool
) -> Shape:
    """A part of a stated size of each image, around its offset."""
    if uniform_noise and noise not in ("uniform", ""):
        raise ShapeError(f"uniform noise cannot be {noise!r}")
    images, _, _, channels = input.shape.with_rank(4)
    count, axes = offsets.shape.with_rank(2)
    merge_dimensions(axes, 2)
    return _images(merge_dimensions(images, count), size, channels)


@shape_rule("QuantizedResizeBilinear")
def quantized_resize_bilinear(images: Fact, size: Fact, min: Fact, max: Fact) -> list[Shape]:
    """Images of a stated size, and the range of their numbers."""
    check_rank(0, min, max)
    return [resize(images, size), SCALAR, SCALAR]


@shape_rule("RandomCrop")
def random_crop(image: Fact, size: Fact) -> Shape:
    """A part of a stated size of one image."""
    return _sizes(size, 2) + image.shape.with_rank(3)[2:]


def _images(count: Dimension, size: Fact, channels: Dimension) -> Shape:
    return Shape([count]) + _sizes(size, 2) + Shape([channels])


def _sizes(vector: Fact, count: int, start: int = 0) -> Shape:
    """The sizes that a vector states from ``start`` on, all or none; -1 is an unknown one."""
    vector.shape.merge(Shape([count]))
    sizes = (known_ints(vector) or [-1] * count)[start:]
    return Shape(map(checked_dimension_of, sizes))


# --- boxes ---


@shape_rule("CombinedNonMaxSuppression")
def combined_non_max_suppression(
    boxes: Fact,
    scores: Fact,
    max_output_size_per_class: Fact,
    max_total_size: Fact,
    iou_threshold: Fact,
    score_threshold: Fact,
    *,
    pad_per_class: bool,
) -> list[Shape]:
    """The best boxes of each image, their scores and classes, and how many they are."""
    images, count, groups, sides = boxes.shape.with_rank(4)
    images_, count_, classes = scores.shape.with_rank(3)
    merge_dimensions(images, images_)  # what comes out has the boxes' count, known or not
    merge_dimensions(count, count_)
    merge_dimensions(sides, 4)
    if groups != 1:  # not all classes share the same boxes
        merge_dimensions(groups, classes)
    check_rank(0, iou_threshold, score_threshold, max_output_size_per_class)
    dimension_from(max_output_size_per_class)
    total = positive_dimension_from(max_total_size)
    if pad_per_class:
        padded = multiply(positive_dimension_from(max_output_size_per_class), classes)
        total = None if padded is None or total is None else min(padded, total)
    return [Shape((images, total, 4)), *[Shape((images, total))] * 2, Shape([images])]


@shape_rule("DrawBoundingBoxes")
def draw_bounding_boxes(images: Fact, boxes: Fact) -> Shape:
    """The images, with boxes drawn into them."""
    channels = images.shape.with_rank(4)[3]
    if channels not in (None, 1, 3, 4):
        raise ShapeError(f"boxes cannot be drawn into images of {channels} channels")
    merge_dimensions(boxes.shape.with_rank(3)[2], 4)
    return images.shape


@shape_rule("GenerateBoundingBoxProposals")
def generate_bounding_box_proposals(
    scores: Fact,
    bbox_deltas: Fact,
    image_info: Fact,
    anchors: Fact,
    nms_threshold: Fact,
    pre_nms_topn: Fact,
    min_size: Fact,
    *,
    post_nms_topn: int,
) -> list[Shape]:
    """As many regions of each image as are asked for, and their probabilities."""
    check_rank(0, nms_threshold, pre_nms_topn, min_size)
    bbox_deltas.shape.with_rank(4)
    anchors.shape.with_rank(3)
    merge_dimensions(image_info.shape.with_rank(2)[1], 5)
    regions = Shape((scores.shape.with_rank(4)[0], dimension_of(post_nms_topn)))
    return [regions + Shape([4]), regions]


@shape_rule("NonMaxSuppressionV4")
def non_max_suppression_v4(
    boxes: Fact,
    scores: Fact,
    max_output_size: Fact,
    *thresholds: Fact,
    pad_to_max_output_size: bool,
) -> list[Shape]:
    """The indices of the best boxes, and how many they are."""
    return [_best(boxes, scores, max_output_size, thresholds, pad_to_max_output_size), SCALAR]


@shape_rule("NonMaxSuppressionV5")
def non_max_suppression_v5(
    boxes: Fact,
    scores: Fact,
    max_output_size: Fact,
    *thresholds: Fact,
    pad_to_max_output_size: bool,
) -> list[Shape]:
    """The indices of the best boxes, their scores, and how many they are."""
    best = _best(boxes, scores, max_output_size, thresholds, pad_to_max_output_size)
    return [best, best, SCALAR]


@shape_rule("NonMaxSuppressionWithOverlaps")
def non_max_suppression_with_overlaps(overlaps: Fact, scores: Fact, *others: Fact) -> Shape:
    """The indices of the best of some boxes, of which it is told how much each two overlap."""
    rows, columns = overlaps.shape.with_rank(2)
    merge_dimensions(rows, columns)
    scores.shape.merge(Shape([rows]))  # also where the columns are known and the rows are not
    check_rank(0, *others)
    return Shape([None])


def _best(
    boxes: Fact, scores: Fact, most: Fact, thresholds: Iterable[Fact], pad_to_most: bool
) -> Shape:
    count, sides = boxes.shape.with_rank(2)
    merge_dimensions(count, scores.shape.with_rank(1)[0])
    merge_dimensions(sides, 4)
    check_rank(0, most, *thresholds)
    return Shape([dimension_from(most) if pad_to_most else None])
