package io.github.controlnet.internal.lookup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.Annotators;
import io.github.controlnet.Samplers;
import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.annotator.AnnotatorOption;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.engine.Device;
import io.github.controlnet.exception.AnnotationException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.PluginException;
import io.github.controlnet.exception.ProviderNotFoundException;
import io.github.controlnet.progress.CancellationToken;
import io.github.controlnet.spi.AnnotatorCatalog;
import io.github.controlnet.spi.AnnotatorProvider;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A broken plugin is left out alone, and named with its jar and the cause. */
class ProvidersTest {
  private static final String ANNOTATOR = AnnotatorProvider.class.getName();
  private static final String SAMPLER = io.github.controlnet.spi.SamplerProvider.class.getName();

  private static final String CATALOG = AnnotatorCatalog.class.getName();
  private static final AnnotatorContext NOTHING =
      AnnotatorContext.of(published -> Optional.empty());

  @TempDir private Path folder;

  /** The source of an annotator's provider, with what is wrong with it. */
  private static String provider(String type, String name, String body) {
    return """
        package com.example;
        import io.github.controlnet.annotator.*;
        import io.github.controlnet.spi.*;
        import java.util.*;
        public class %s implements AnnotatorProvider {
          public String name() { return %s; }
          public String description() { return "x"; }
          public List<AnnotatorOption> options() { return List.of(); }
          public Annotator create(AnnotatorOptions options, AnnotatorContext context) { return photo -> Annotation.of(photo); }
          %s
        }
        """
        .formatted(type, name, body);
  }

  private static String changed(String type, String from, String to) {
    return provider(type, "\"" + type.toLowerCase(java.util.Locale.ROOT) + "\"", "")
        .replace(from, to);
  }

  /** Compiles classes and packs them with a list of providers. */
  private Path jar(String name, String service, List<String> listed, String... sources)
      throws IOException {
    Path classes = Files.createDirectories(folder.resolve(name + ".classes/com/example"));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-proc:none",
                "-d",
                folder.resolve(name + ".classes").toString(),
                "-cp",
                System.getProperty("java.class.path")));
    for (String source : sources) {
      String type = source.replaceFirst("(?s).*?public (?:class|interface) (\\w+).*", "$1");
      arguments.add(Files.writeString(classes.resolve(type + ".java"), source).toString());
    }
    if (sources.length > 0) {
      assertThat(
              ToolProvider.getSystemJavaCompiler()
                  .run(null, null, null, arguments.toArray(String[]::new)))
          .isZero();
    }
    Path jar = folder.resolve(name);
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out)) {
      entries.putNextEntry(new JarEntry("META-INF/services/" + service));
      entries.write(String.join("\n", listed).getBytes(StandardCharsets.UTF_8));
      try (var files = Files.list(classes)) {
        for (Path file : files.filter(each -> each.toString().endsWith(".class")).toList()) {
          if (file.getFileName().toString().startsWith("Missing")) {
            continue;
          }
          entries.putNextEntry(new JarEntry("com/example/" + file.getFileName()));
          Files.copy(file, entries);
        }
      }
    }
    return jar;
  }

  private static <T> T with(Callable<T> body, Path... jars) throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    URL[] urls = new URL[jars.length];
    for (int i = 0; i < jars.length; i++) {
      urls[i] = jars[i].toUri().toURL();
    }
    try (URLClassLoader loader = new URLClassLoader(urls, Providers.class.getClassLoader())) {
      thread.setContextClassLoader(loader);
      return body.call();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static List<String> names() {
    return Annotators.all().stream().map(AnnotatorProvider::name).toList();
  }

  private Path good() throws IOException {
    return jar(
        "good.jar", ANNOTATOR, List.of("com.example.Good"), provider("Good", "\"good\"", ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          public class Bad implements|public class Bad implements|public Bad() { throw new IllegalStateException("no licence"); }|IllegalStateException, no licence
          public class Bad implements|public class Bad implements|static { if (true) throw new IllegalStateException("no disk"); }|no disk
          public class Bad implements|public class Bad implements|public Bad() { throw new AssertionError("never"); }|AssertionError, never
          public class Bad implements|public class Bad implements|public Bad() { throw new StackOverflowError(); }|StackOverflowError
          public class Bad implements|public class Bad implements|private Bad() {}|Bad
          return "bad";|return null;||its name() is null
          return "bad";|return " ";||its name() is blank
          return "bad";|throw new IllegalStateException("who am I");||its name() failed: IllegalStateException, who am I
          return List.of();|return null;||its options() failed: NullPointerException
          return List.of();|throw new LinkageError("old");||its options() failed: LinkageError, old
          return "x";|return null;||its description() is null
          public class Bad implements|public class Bad implements|public List<String> aliases() { return Arrays.asList("a", null); }|its aliases() failed: NullPointerException
          public class Bad implements|public class Bad implements|public List<String> aliases() { throw new UnsupportedOperationException("later"); }|its aliases() failed: UnsupportedOperationException, later
          """)
  void aBrokenProviderIsLeftOutAloneAndNamed(String from, String to, String body, String cause)
      throws Exception {
    String source =
        changed("Bad", from, to).replaceFirst("\\}\\s*$", (body == null ? "" : body) + "}");
    Path bad = jar("bad.jar", ANNOTATOR, List.of("com.example.Bad"), source);
    Path good = good();
    List<String> leftOut =
        with(
            () -> {
              assertThat(names()).containsExactly("good");
              assertThat(Annotators.named("good").name()).isEqualTo("good");
              assertThatThrownBy(() -> Annotators.named("bad"))
                  .isInstanceOf(ProviderNotFoundException.class)
                  .hasMessageContaining("left out: com.example.Bad of bad.jar: ")
                  .hasMessageContaining(cause);
              return Annotators.leftOut();
            },
            bad,
            good);
    assertThat(leftOut).singleElement().asString().startsWith("com.example.Bad of bad.jar: ");
    assertThat(leftOut.get(0)).contains(cause).doesNotContain(folder.toString());
  }

  @Test
  void missingClassesAndWrongListsAreNamed() throws Exception {
    Path absent = jar("absent.jar", ANNOTATOR, List.of("com.example.Gone"));
    Path base =
        jar(
            "base.jar",
            ANNOTATOR,
            List.of("com.example.Heir", "com.example.Good2"),
            provider("Missing", "\"missing\"", ""),
            "package com.example; public class Heir extends Missing {}",
            provider("Good2", "\"good2\"", ""));
    Path foreign =
        jar(
            "foreign.jar",
            ANNOTATOR,
            List.of("com.example.Other"),
            "package com.example; public class Other {}");
    Path illegal = jar("illegal.jar", ANNOTATOR, List.of("this is no class"));
    List<String> leftOut =
        with(
            () -> {
              assertThat(names()).containsExactly("good", "good2");
              return Annotators.leftOut();
            },
            absent,
            base,
            foreign,
            illegal,
            good());
    assertThat(leftOut).hasSize(4);
    assertThat(String.join("\n", leftOut))
        .contains("com.example.Gone of absent.jar")
        .contains("com.example.Heir of base.jar: NoClassDefFoundError, com/example/Missing")
        .contains("com.example.Other of foreign.jar")
        .contains("illegal.jar");
  }

  @Test
  void ofOneNameTheFirstOfTheAlphabetIsTakenWhateverTheOrderOfJars() throws Exception {
    Path one = jar("one.jar", ANNOTATOR, List.of("com.example.A"), provider("A", "\"same\"", ""));
    Path two = jar("two.jar", ANNOTATOR, List.of("com.example.B"), provider("B", "\"same\"", ""));
    for (Path[] order : List.of(new Path[] {one, two}, new Path[] {two, one})) {
      List<String> leftOut =
          with(
              () -> {
                assertThat(Annotators.named("same").getClass().getSimpleName()).isEqualTo("A");
                return Annotators.leftOut();
              },
              order);
      assertThat(leftOut)
          .containsExactly(
              "com.example.B of two.jar: the name \"same\" is taken by com.example.A of one.jar");
    }
  }

  @Test
  void aCatalogGivesSeveralAnnotatorsEachOfWhichIsLeftOutAlone() throws Exception {
    String catalog =
        """
        package com.example;
        import io.github.controlnet.spi.*;
        import java.util.*;
        public class Many implements AnnotatorCatalog {
          public List<AnnotatorProvider> annotators() {
            return Arrays.asList(new One(), null, new Two(), new Wordless());
          }
        }
        """;
    Path many =
        jar(
            "many.jar",
            CATALOG,
            List.of("com.example.Many"),
            catalog,
            provider("One", "\"one\"", ""),
            provider("Two", "\"two\"", ""),
            changed("Wordless", "return \"x\";", "return null;"));
    String failing =
        catalog
            .replace("Many", "Failing")
            .replaceFirst("return Arrays.*;", "throw new IllegalStateException(\"no list\");");
    Path failed = jar("failing.jar", CATALOG, List.of("com.example.Failing"), failing);
    List<String> leftOut =
        with(
            () -> {
              assertThat(names()).containsExactly("good", "one", "two");
              return Annotators.leftOut();
            },
            many,
            failed,
            good());
    assertThat(leftOut)
        .containsExactlyInAnyOrder(
            "com.example.Many of many.jar: one of its annotators() is null",
            "com.example.Wordless of many.jar: its description() is null",
            "com.example.Failing of failing.jar: its annotators() failed: IllegalStateException, no list");
  }

  /** Its class was compiled when create had no context. */
  @Test
  void aPluginOfTheOldInterfaceIsNamedWhenItIsOpened() throws Exception {
    String before =
        """
        package io.github.controlnet.spi;
        import io.github.controlnet.annotator.*;
        import java.util.*;
        public interface AnnotatorProvider {
          String name();
          String description();
          List<AnnotatorOption> options();
          Annotator create(AnnotatorOptions options);
        }
        """;
    String plugin =
        changed(
            "Old",
            "(AnnotatorOptions options, AnnotatorContext context)",
            "(AnnotatorOptions options)");
    Path jar = jar("old.jar", ANNOTATOR, List.of("com.example.Old"), before, plugin);
    with(
        () -> {
          AnnotatorProvider old = Annotators.named("old");
          AnnotatorOptions options = old.options(Map.of());
          assertThatThrownBy(() -> Annotators.open(old, options, NOTHING))
              .isInstanceOf(PluginException.class)
              .hasMessageContaining("com.example.Old of old.jar")
              .hasMessageContaining("failed in create: AbstractMethodError");
          return List.of();
        },
        jar);
  }

  @Test
  void anOpenedAnnotatorGetsItsContextAndTheToken() {
    List<Object> seen = new ArrayList<>();
    Annotator inner =
        new Annotator() {
          @Override
          public Annotation annotate(BufferedImage photo) {
            throw new AssertionError("the token is lost");
          }

          @Override
          public Annotation annotate(BufferedImage photo, CancellationToken cancellation) {
            seen.add(cancellation);
            return Annotation.of(photo);
          }
        };
    AnnotatorProvider provider = maker(inner, seen);
    AnnotatorContext context = NOTHING.withDevice(Device.cuda(1)).withThreads(3);
    CancellationToken token = new CancellationToken();
    try (Annotator annotator = Annotators.open(provider, provider.options(Map.of()), context)) {
      annotator.annotate(new BufferedImage(8, 8, 1), token);
    }
    assertThat(seen).containsExactly(context, token);
    assertThat(context.device()).isEqualTo(Device.cuda(1));
    assertThat(context.threads()).isEqualTo(3);
    assertThat(context.withFiles(published -> Optional.of(folder)).find(List.of()))
        .contains(folder);
    assertThatThrownBy(() -> context.withThreads(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
  }

  @Test
  void samplersAreLeftOutOneByOne() throws Exception {
    String source =
        """
        package com.example;
        import io.github.controlnet.sampler.*;
        import io.github.controlnet.spi.*;
        import java.util.*;
        public class Some implements SamplerProvider {
          public List<Sampler> samplers() { return Arrays.asList(of("fine"), null, of(null)); }
          static Sampler of(String name) {
            return new Sampler() {
              public String name() { return name; }
              public SamplerRun start(NoiseSchedule s, SamplingOptions o) { return null; }
            };
          }
        }
        """;
    Path some = jar("some.jar", SAMPLER, List.of("com.example.Some"), source);
    Path none =
        jar(
            "none.jar",
            SAMPLER,
            List.of("com.example.None"),
            source
                .replace("Some", "None")
                .replace("return Arrays.asList(of(\"fine\"), null, of(null));", "return null;"));
    List<String> leftOut =
        with(
            () -> {
              assertThat(Samplers.names()).containsExactly("fine");
              return Samplers.leftOut();
            },
            some,
            none);
    assertThat(leftOut).hasSize(3);
    assertThat(String.join("\n", leftOut))
        .contains("some.jar: one of its samplers() is null")
        .contains("some.jar: its name() is null")
        .contains("com.example.None of none.jar: its samplers() failed");
  }

  private static AnnotatorProvider maker(Annotator annotator) {
    return maker(annotator, new ArrayList<>());
  }

  private static AnnotatorProvider maker(Annotator annotator, List<Object> contexts) {
    return new AnnotatorProvider() {
      @Override
      public String name() {
        return "odd";
      }

      @Override
      public String description() {
        return "x";
      }

      @Override
      public List<AnnotatorOption> options() {
        return List.of();
      }

      @Override
      public Annotator create(AnnotatorOptions options, AnnotatorContext context) {
        contexts.add(context);
        return annotator;
      }
    };
  }

  private static void annotate(AnnotatorProvider provider, int width, int height) {
    try (Annotator annotator = Annotators.open(provider, provider.options(Map.of()), NOTHING)) {
      annotator.annotate(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB));
    }
  }

  @SuppressWarnings("NullAway") // a plugin may do what it must not
  private static AnnotatorProvider returningNull() {
    return maker(photo -> null);
  }

  @Test
  void whatAnAnnotatorMustNotReturnNamesIt() {
    BufferedImage small = new BufferedImage(3, 4, BufferedImage.TYPE_INT_RGB);
    assertThatThrownBy(() -> annotate(returningNull(), 8, 8))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("\"odd\" (" + ProvidersTest.class.getName())
        .hasMessageContaining("annotate returned null");
    assertThatThrownBy(() -> annotate(maker(photo -> Annotation.of(small)), 8, 8))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("map is 3 x 4 for a photograph of 8 x 8");
    assertThatThrownBy(() -> annotate(maker(photo -> new Annotation(photo, small)), 8, 8))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("preview is 3 x 4");
    assertThatThrownBy(
            () ->
                annotate(
                    maker(
                        photo -> {
                          throw new NoClassDefFoundError("org/opencv/Mat");
                        }),
                    8,
                    8))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("NoClassDefFoundError, org/opencv/Mat");
    assertThatThrownBy(
            () ->
                annotate(
                    maker(
                        photo -> {
                          throw new AnnotationException("too dark");
                        }),
                    8,
                    8))
        .isInstanceOf(AnnotationException.class)
        .hasMessage("too dark");
    annotate(maker(Annotation::of), 8, 8);
  }

  @Test
  void extremeAspectsAreRefused() {
    assertThatThrownBy(() -> annotate(maker(Annotation::of), 1, 100_000))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessage(
            "The photograph is 1 x 100000 pixels, an aspect of 100000.0:1; expected at most 16:1. Crop it.");
    assertThatThrownBy(() -> annotate(maker(Annotation::of), 17, 1))
        .isInstanceOf(InvalidRequestException.class);
    annotate(maker(Annotation::of), 1, 16);
  }
}
