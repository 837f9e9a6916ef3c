package io.github.controlnet.core.torch;

import static io.github.controlnet.core.torch.Expression.call;

import io.github.controlnet.core.nn.Op;
import io.github.controlnet.core.nn.Value;
import org.jspecify.annotations.Nullable;

/**
 * Attention in bfloat16 by two products around a softmax, for each head and some queries at a time,
 * so that the scores stay in the cache. PyTorch's fused attention is a third slower where bfloat16
 * is not computed in tiles (AMX), and no more exact; with few keys it is the faster one.
 */
final class BlocksAttentionRule implements Rule {
  private static final String METHODS =
      """
        def attend(self: __torch__.Network, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
          if torch.lt(torch.size(k, 2), 512):
            y = torch.scaled_dot_product_attention(q, k, v, None, 0., False)
          else:
            queries = torch.size(q, 2)
            heads = torch.size(q, 1)
            scaled = torch.mul(q, torch.pow(torch.size(q, 3), -0.5))
            y = torch.transpose(torch.empty([torch.size(q, 0), queries, heads, torch.size(v, 3)], dtype=15), 1, 2)
            for i in range(torch.size(q, 0)):
              for h in range(heads):
                asking = torch.contiguous(torch.select(torch.select(scaled, 0, i), 0, h))
                keys = torch.transpose(torch.contiguous(torch.select(torch.select(k, 0, i), 0, h)), 0, 1)
                values = torch.contiguous(torch.select(torch.select(v, 0, i), 0, h))
                out = torch.select(torch.select(y, 0, i), 0, h)
                for first in range(0, queries, 512):
                  rows = ops.prim.min(512, torch.sub(queries, first))
                  shares = torch.softmax(torch.mm(torch.narrow(asking, 0, first, rows), keys), -1)
                  _0 = torch.copy_(torch.narrow(out, 0, first, rows), torch.mm(shares, values))
          return y
      """;

  @Override
  public String methods() {
    return METHODS;
  }

  @Override
  public @Nullable Expression lower(Value value, Emission out) {
    return value.op() instanceof Op.Attend attend && !attend.causal() && attend.scores().isEmpty()
        ? call(
            "(self).attend", out.of(attend.query()), out.of(attend.key()), out.of(attend.value()))
        : null;
  }
}
