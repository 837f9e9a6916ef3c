/**
 * The annotator SPI: how to add an annotator of your own, in a jar of your own.
 *
 * <p>An annotator turns a photograph into a control map, such as edges, depth or a pose. A plugin
 * compiles against {@code controlnet-api} alone and is found on the class path, by name: beside the
 * built-in ones in {@link io.github.controlnet.Annotators}, in {@link
 * io.github.controlnet.ControlInput#annotate}, and in the {@code controlnet} command. This page
 * builds a whole one that paints bright areas white.
 *
 * <h2>1. The project</h2>
 *
 * <pre>{@code
 * <dependency>
 *   <groupId>io.github.controlnet</groupId>
 *   <artifactId>controlnet-api</artifactId>
 *   <version>0.1.0-SNAPSHOT</version>
 * </dependency>
 * <dependency>
 *   <groupId>io.github.controlnet</groupId>
 *   <artifactId>controlnet-tck</artifactId>
 *   <version>0.1.0-SNAPSHOT</version>
 *   <scope>test</scope>
 * </dependency>
 * <dependency>
 *   <groupId>org.junit.jupiter</groupId>
 *   <artifactId>junit-jupiter</artifactId>
 *   <version>5.14.3</version>
 *   <scope>test</scope>
 * </dependency>
 * }</pre>
 *
 * <h2>2. The provider</h2>
 *
 * <p>An {@link io.github.controlnet.spi.AnnotatorProvider} tells the name, one sentence and the
 * options. It has a public constructor without parameters and does no work there: listing
 * annotators creates every provider. Names are lower case and unique; of two providers with one
 * name the library's own is used, else that whose class comes first in the alphabet, and the other
 * is named in the log and by {@code Annotators.leftOut()}.
 *
 * <p>Options are declared once, with type, default and range. Whoever creates the annotator has
 * them checked by {@link io.github.controlnet.spi.AnnotatorProvider#options(java.util.Map)}, so
 * that {@code create} gets legal values only. What an annotator needs for its work, such as weights
 * or a native library, is loaded in {@code create}; if that fails, throw an {@link
 * io.github.controlnet.exception.AnnotationException} or a {@link
 * io.github.controlnet.exception.WeightsException} that says what is missing and where to get it.
 *
 * <pre>{@code
 * package com.example.threshold;
 *
 * import io.github.controlnet.annotator.Annotator;
 * import io.github.controlnet.annotator.AnnotatorContext;
 * import io.github.controlnet.annotator.AnnotatorOption;
 * import io.github.controlnet.annotator.AnnotatorOptions;
 * import io.github.controlnet.spi.AnnotatorProvider;
 * import java.util.List;
 *
 * public final class ThresholdProvider implements AnnotatorProvider {
 *   @Override
 *   public String name() {
 *     return "bright_areas";
 *   }
 *
 *   @Override
 *   public String description() {
 *     return "Bright areas, white on black.";
 *   }
 *
 *   @Override
 *   public List<AnnotatorOption> options() {
 *     return List.of(
 *         AnnotatorOption.integer("level", 128, 1, 255, "The least brightness that is white."));
 *   }
 *
 *   @Override
 *   public Annotator create(AnnotatorOptions options, AnnotatorContext context) {
 *     return new ThresholdAnnotator(options.integer("level"));
 *   }
 * }
 * }</pre>
 *
 * <h2>3. The annotator</h2>
 *
 * <p>The photograph is {@link java.awt.image.BufferedImage#TYPE_INT_RGB}, already at the detect
 * resolution, and may be shared: read it, never write to it. It may also be a part of a larger
 * picture, so go through {@code getRGB} or its raster rather than its data buffer. The map is a new
 * picture of the same type and, the same size, unless {@link
 * io.github.controlnet.spi.AnnotatorProvider#keepsSize} says otherwise; the network gets it as RGB
 * / 255. Where people like to see something else than the network, such as black lines on white,
 * give that as the preview: {@code new Annotation(map, preview)}.
 *
 * <p>One annotator serves many threads at a time and gives the same map for the same photograph,
 * always. If it holds weights or native memory, {@code close} frees them.
 *
 * <pre>{@code
 * package com.example.threshold;
 *
 * import io.github.controlnet.annotator.Annotation;
 * import io.github.controlnet.annotator.Annotator;
 * import java.awt.image.BufferedImage;
 *
 * final class ThresholdAnnotator implements Annotator {
 *   private final int level;
 *
 *   ThresholdAnnotator(int level) {
 *     this.level = level;
 *   }
 *
 *   @Override
 *   public Annotation annotate(BufferedImage photo) {
 *     int width = photo.getWidth();
 *     int height = photo.getHeight();
 *     BufferedImage map = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
 *     for (int y = 0; y < height; y++) {
 *       for (int x = 0; x < width; x++) {
 *         int rgb = photo.getRGB(x, y);
 *         int sum = ((rgb >> 16) & 0xff) + ((rgb >> 8) & 0xff) + (rgb & 0xff);
 *         map.setRGB(x, y, sum >= 3 * level ? 0xffffff : 0);
 *       }
 *     }
 *     return Annotation.of(map);
 *   }
 * }
 * }</pre>
 *
 * <h2>4. The registration</h2>
 *
 * <p>The file {@code META-INF/services/io.github.controlnet.spi.AnnotatorProvider} in the jar holds
 * one line:
 *
 * <pre>{@code
 * com.example.threshold.ThresholdProvider
 * }</pre>
 *
 * <h2>5. The test</h2>
 *
 * <p>The test kit checks all of the above: registration, options, sizes, threads, closing.
 *
 * <pre>{@code
 * package com.example.threshold;
 *
 * import io.github.controlnet.tck.AnnotatorTck;
 *
 * class ThresholdTest extends AnnotatorTck {
 *   @Override
 *   protected String annotatorName() {
 *     return "bright_areas";
 *   }
 * }
 * }</pre>
 *
 * <p>Kits for annotators that need weights override {@code annotatorOptions()} to name the file.
 *
 * <h2>6. The use</h2>
 *
 * <pre>{@code
 * ControlInput bright = ControlInput.annotate(Images.read(photo), "bright_areas");
 * }</pre>
 *
 * <p>The names of everything on the class path: {@code Annotators.all()}.
 *
 * <h2>7. Networks</h2>
 *
 * <p>The {@link io.github.controlnet.annotator.AnnotatorContext} that {@code create} gets says
 * where the application wants networks to run and how many threads an operation may use: a pipeline
 * hands over its own. Published weights are named by {@link
 * io.github.controlnet.spi.AnnotatorProvider#weights}, an option {@code model} lets users name
 * another file, and without it {@code context.find(weights())} gives the file, from the hub's cache
 * or wherever the application has it, fetched where the application allows that; when there is
 * none, throw a {@link io.github.controlnet.model.MissingWeightsException}. An annotator that takes
 * long overrides {@link
 * io.github.controlnet.annotator.Annotator#annotate(java.awt.image.BufferedImage,
 * io.github.controlnet.progress.CancellationToken)} and looks at the token between two steps.
 *
 * <h2>8. Several annotators</h2>
 *
 * <p>A plugin with more than one may list them by one class instead of one line each:
 *
 * <pre>{@code
 * package com.example.threshold;
 *
 * import io.github.controlnet.spi.AnnotatorCatalog;
 * import io.github.controlnet.spi.AnnotatorProvider;
 * import java.util.List;
 *
 * public final class ThresholdCatalog implements AnnotatorCatalog {
 *   @Override
 *   public List<AnnotatorProvider> annotators() {
 *     return List.of(new ThresholdProvider());
 *   }
 * }
 * }</pre>
 *
 * <p>It is registered in {@code META-INF/services/io.github.controlnet.spi.AnnotatorCatalog}; its
 * providers are not registered themselves, and may be values of a class of the plugin's own that
 * need no constructor without parameters.
 */
@NullMarked
package io.github.controlnet.annotator;

import org.jspecify.annotations.NullMarked;
