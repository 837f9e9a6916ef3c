package io.github.controlnet.core.torch;

import java.util.LinkedHashMap;
import java.util.Map;

/** Every target that a runtime may choose, for tests of what is written for them. */
public final class Targets {
  private static final String DEVICE = "cpu";

  private Targets() {}

  /** The targets by a name. */
  public static Map<String, Target> all() {
    Map<String, Target> all = new LinkedHashMap<>();
    all.put("plain-f32", Target.aten(NumberType.FLOAT32, DEVICE));
    all.put("plain-bf16", Target.aten(NumberType.BFLOAT16, DEVICE));
    all.put("plain-f16-cuda", Target.aten(NumberType.FLOAT16, "cuda:0"));
    all.put("packed-f32", Target.oneDnn(NumberType.FLOAT32, false));
    all.put("packed-bf16", Target.oneDnn(NumberType.BFLOAT16, false));
    all.put("packed-bf16-tiles", Target.oneDnn(NumberType.BFLOAT16, true));
    all.put("divided-f32", Target.aten(NumberType.FLOAT32, DEVICE).streaming());
    all.put("divided-packed-bf16", Target.oneDnn(NumberType.BFLOAT16, false).streaming());
    return all;
  }
}
