package io.github.controlnet.samples;

import io.github.controlnet.ControlInput;
import io.github.controlnet.ControlNetPipeline;
import io.github.controlnet.GenerationRequest;
import io.github.controlnet.GenerationResult;
import io.github.controlnet.core.provenance.PngText;
import io.github.controlnet.demo.DemoModel;
import io.github.controlnet.image.Images;
import io.github.controlnet.model.BaseModel;
import io.github.controlnet.model.ControlModel;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.nio.file.Path;
import java.security.Security;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;

/**
 * A host application that looks at its process's settings before and after it annotates a
 * photograph, generates and writes a picture. Prints what has changed.
 */
final class HostProgram {
  private HostProgram() {}

  /** What JNA and the JDK note for themselves when they are used, and nobody else reads. */
  private static final Pattern NOTES =
      Pattern.compile("jna\\..*|jnidispatch\\..*|sun\\.font\\..*|user\\.timezone");

  public static void main(String[] args) throws Exception {
    Map<String, String> before = settings();
    DemoModel demo = DemoModel.extract(Path.of(args[0]));
    try (ControlNetPipeline pipeline =
        ControlNetPipeline.builder()
            .base(BaseModel.of(demo.base()))
            .control(ControlModel.of(demo.control()))
            .threads(1)
            .build()) {
      GenerationResult result =
          pipeline.generate(
              GenerationRequest.builder()
                  .prompt("red circle")
                  .size(64, 64)
                  .steps(1)
                  .seed(1)
                  .control(ControlInput.annotate(Images.read(demo.drawing()), "canny"))
                  .build());
      byte[] png = PngText.encode(result.images().get(0), Map.of("parameters", "a circle"));
      Images.read(png);
    }
    Map<String, String> after = settings();
    TreeSet<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    for (String name : names) {
      if (!Objects.equals(before.get(name), after.get(name))) {
        System.out.printf("%s: %s -> %s%n", name, before.get(name), after.get(name));
      }
    }
    System.out.println("done");
  }

  private static Map<String, String> settings() {
    Map<String, String> all = new TreeMap<>();
    for (String name : System.getProperties().stringPropertyNames()) {
      if (!NOTES.matcher(name).matches()) {
        all.put("property " + name, System.getProperty(name));
      }
    }
    all.put("ImageIO cache", ImageIO.getUseCache() + " " + ImageIO.getCacheDirectory());
    all.put(
        "ImageIO readers", new TreeSet<>(Arrays.asList(ImageIO.getReaderFormatNames())).toString());
    all.put("locale", Locale.getDefault().toString());
    all.put("locale of formats", Locale.getDefault(Locale.Category.FORMAT).toString());
    all.put("time zone", TimeZone.getDefault().getID());
    all.put("proxies", String.valueOf(ProxySelector.getDefault()));
    all.put("cookies", String.valueOf(CookieHandler.getDefault()));
    all.put("passwords", String.valueOf(Authenticator.getDefault()));
    all.put("security", Arrays.toString(Security.getProviders()));
    all.put("uncaught", String.valueOf(Thread.getDefaultUncaughtExceptionHandler()));
    all.put("class loader", String.valueOf(Thread.currentThread().getContextClassLoader()));
    all.put("out", System.out + " " + System.err);
    LogManager logs = LogManager.getLogManager();
    logs.getLoggerNames()
        .asIterator()
        .forEachRemaining(
            name -> {
              Logger logger = logs.getLogger(name);
              if (logger != null && (logger.getLevel() != null || name.isEmpty())) {
                all.put(
                    "logger " + name,
                    logger.getLevel() + " " + logger.getHandlers().length + " handlers");
              }
            });
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (!thread.isDaemon()) {
        all.put("thread " + thread.getName(), "keeps the process alive");
      }
    }
    return all;
  }
}
