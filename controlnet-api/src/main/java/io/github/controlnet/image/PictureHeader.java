package io.github.controlnet.image;

/**
 * What an image's file says before its pixels.
 *
 * @param format its kind in small letters, such as {@code png} or {@code jpeg}
 * @param width pixels as they are stored, before EXIF orientation turns them
 * @param height likewise
 */
public record PictureHeader(String format, int width, int height) {}
