package io.github.controlnet.core.files;

import io.github.controlnet.exception.Help;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Notices weights whose values mean something only together with scales or tables beside them: read
 * as they are, they would give pictures of noise.
 */
public final class Quantization {
  /** Ends of names that a kind of file has, to the kind. */
  private static final Map<String, String> MARKS = new LinkedHashMap<>();

  static {
    MARKS.put("scaled_fp8", "scaled float8, ComfyUI's");
    MARKS.put(".scale_weight", "scaled float8, ComfyUI's");
    MARKS.put(".comfy_quant", "scaled float8 or int8, ComfyUI's");
    MARKS.put(".weight_scale", "scaled float8 or int8");
    MARKS.put(".weight_scale_inv", "scaled float8");
    MARKS.put(".weight_packed", "packed whole numbers, compressed-tensors");
    MARKS.put(".SCB", "int8, bitsandbytes");
    MARKS.put(".quant_map", "4 bits, bitsandbytes");
    MARKS.put(".quant_state.bitsandbytes__nf4", "4 bits, bitsandbytes");
    MARKS.put(".quant_state.bitsandbytes__fp4", "4 bits, bitsandbytes");
    MARKS.put(".qweight", "4 bits, GPTQ or AWQ");
    MARKS.put(".weight._data", "int8, int4 or float8, Quanto");
    MARKS.put("._packed_params.dtype", "int8, PyTorch");
    MARKS.put("._packed_params._packed_params", "int8, PyTorch");
  }

  private Quantization() {}

  /** A sentence that names the kind; empty for plain weights. */
  public static Optional<String> of(TensorFile file) {
    return file.tensors().keySet().stream()
        .flatMap(name -> kind(name).stream().map(kind -> sentence(file, kind, name)))
        .findFirst();
  }

  private static Optional<String> kind(String name) {
    return MARKS.entrySet().stream()
        .filter(mark -> name.endsWith(mark.getKey()))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private static String sentence(TensorFile file, String kind, String name) {
    return Help.WEIGHTS_ARE_NOT_READ.after(
        "%s is quantized (%s: it has %s), which is not supported. Get the weights as float32, float16, bfloat16 or plain float8."
            .formatted(file.path(), kind, name));
  }
}
